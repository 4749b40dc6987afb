using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Protocols.JsonRpc;

/// <summary>Takes a request from its bytes to its answer. Whatever goes wrong is an error in JSON-RPC's form.</summary>
internal sealed class RpcAnswers(Failures failures, GatewayOptions options)
{
    /// <summary>For protocols without error codes of their own.</summary>
    public static readonly IReadOnlyDictionary<string, int> NoCodes = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>For endpoints of JSON-RPC: what fails before there is a request.</summary>
    public static readonly FailureShape Shape = new(failure => JsonBody.Of(Error(null, failure, NoCodes), failure.Status));

    /// <param name="codes">The protocol's own error codes, by the code of the failure.</param>
    public async Task<IResult> Of(HttpContext http, IReadOnlyDictionary<string, int> codes, Func<RpcRequest, Task<IResult>> serve, CancellationToken ct)
    {
        JsonElement? id = null;
        try
        {
            var request = await RpcRequest.Read(http, options.MaxBytesOf(Caller.Of(http)), ct);
            if (request.IsSilent) return TypedResults.StatusCode(202);
            id = request.Id;
            return await serve(request);
        }
        catch (RpcException e)
        {
            return JsonBody.Of(RpcRequest.Error(e.Id ?? id, e.Code, e.Message, e.ErrorData?.DeepClone()), e.Status);
        }
        catch (Exception e) when (!http.Response.HasStarted && !ct.IsCancellationRequested)
        {
            return JsonBody.Of(Error(id, failures.Note(http, e), codes));
        }
    }

    private static JsonObject Error(JsonElement? id, Failure failure, IReadOnlyDictionary<string, int> codes) => RpcRequest.Error(
        id, codes.TryGetValue(failure.Code, out var own) ? own : failure switch
        {
            { Code: "json-invalid" } => RpcException.ParseError,
            { Status: >= 500 } => RpcException.InternalError,
            { Status: 400 or 422 } => RpcException.InvalidParams,
            _ => RpcException.InvalidRequest,
        },
        failure.Detail,
        new JsonArray(new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo", ["reason"] = failure.Code, ["domain"] = "agentmesh" }));
}
