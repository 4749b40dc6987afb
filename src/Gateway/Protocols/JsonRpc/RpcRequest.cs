using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using AgentMesh.Gateway.Http;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Protocols.JsonRpc;

/// <summary>One request of JSON-RPC 2.0, or a notification, which has no id and gets no answer.</summary>
/// <param name="Params">An object; empty where none were given.</param>
internal sealed record RpcRequest(JsonElement? Id, string Method, JsonElement Params)
{
    private const int LongestMethod = 200;
    private static readonly JsonElement None = Contracts.MeshJson.Parse("{}");

    /// <summary>What came is an answer or a notification: nothing is to be said.</summary>
    public bool IsSilent => Id is null;

    /// <exception cref="ProblemException">It is no JSON object.</exception>
    /// <exception cref="RpcException">It is no request.</exception>
    public static async Task<RpcRequest> Read(HttpContext http, int limit, CancellationToken ct)
    {
        var read = await Body.Read(http, RpcJson.Default.RpcEnvelope, limit, ct);
        var id = read.Id is { ValueKind: JsonValueKind.String or JsonValueKind.Number } given ? given : (JsonElement?)null;
        if (read.Jsonrpc is not { ValueKind: JsonValueKind.String } version || version.GetRawText() != "\"2.0\"") throw new RpcException(RpcException.InvalidRequest, "jsonrpc must be \"2.0\".") { Id = id };
        if (read.Id is { ValueKind: not JsonValueKind.Null } && id is null) throw new RpcException(RpcException.InvalidRequest, "An id is a string or a number.");
        if (read.Method is null && (read.Result ?? read.Error) is not null) return new RpcRequest(null, "", None);
        if (read.Method is not { ValueKind: JsonValueKind.String } method || !Input.IsName(method.GetString()) || method.GetString()!.Length > LongestMethod)
            throw new RpcException(RpcException.InvalidRequest, "method must name what is called.") { Id = id };
        var parameters = read.Params ?? None;
        if (parameters.ValueKind != JsonValueKind.Object) throw new RpcException(RpcException.InvalidParams, "params must be an object.") { Id = id };
        return new RpcRequest(id, method.GetString()!, parameters);
    }

    /// <summary>The parameters as what the method takes.</summary>
    /// <exception cref="RpcException">They are of another shape.</exception>
    public T As<T>(System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class => Read(Params, type, "params");

    public static T Read<T>(JsonElement value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, string what) where T : class
    {
        try
        {
            return Body.Parse(JsonSerializer.SerializeToUtf8Bytes(value, Contracts.MeshJson.Default.JsonElement), type);
        }
        catch (ProblemException e)
        {
            throw new RpcException(RpcException.InvalidParams, $"{what}: {e.Message}", e);
        }
    }

    public JsonObject Result(JsonNode result) => new() { ["jsonrpc"] = "2.0", ["id"] = Json.Node(Id), ["result"] = result };

    public static JsonObject Error(JsonElement? id, int code, string message, JsonNode? data = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (data is not null) error["data"] = data;
        return new JsonObject { ["jsonrpc"] = "2.0", ["id"] = Json.Node(id), ["error"] = error };
    }
}

/// <summary>A call that JSON-RPC answers with an error.</summary>
internal sealed class RpcException(int code, string message, Exception? inner = null) : Exception(message, inner)
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int InternalError = -32603;

    public int Code { get; } = code;

    /// <summary>Whose answer it is, where that could be read.</summary>
    public JsonElement? Id { get; init; }

    /// <summary>The HTTP status. Most protocols say with 200 that there is an answer, and in it what became of the call.</summary>
    public int Status { get; init; } = 200;

    public JsonNode? ErrorData { get; init; }
}

internal sealed record RpcEnvelope(
    JsonElement? Jsonrpc = null, JsonElement? Id = null, JsonElement? Method = null, JsonElement? Params = null, JsonElement? Result = null, JsonElement? Error = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, MaxDepth = 64)]
[JsonSerializable(typeof(RpcEnvelope))]
internal sealed partial class RpcJson : JsonSerializerContext;
