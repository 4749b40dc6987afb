using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentMesh.Gateway.Protocols.OpenAi;

/// <summary>The API that programs for OpenAI's models speak, with the mesh as the model.</summary>
internal static class OpenAiEndpoints
{
    public static void Map(RouteGroupBuilder v1)
    {
        var group = v1.MapGroup("").WithMetadata(new FailureShape(Error)).ExcludeFromDescription();
        group.MapGet("/models", (HttpContext http, MeshCatalogue catalogue) => JsonBody.Of(new JsonObject
        {
            ["object"] = "list", ["data"] = new JsonArray([.. MeshModels.Names(catalogue, Embeddings(http)).Select(MeshModels.Json)]),
        })).ForCallers();
        group.MapGet("/models/{**model}", Model).ForCallers();
        group.MapPost("/chat/completions", ChatEndpoint.Complete).For(CallerRole.Submitter);
        group.MapPost("/responses", ResponsesEndpoint.Create).For(CallerRole.Submitter);
        group.MapGet("/responses/{id}", ResponsesEndpoint.Get).ForCallers();
        group.MapPost("/responses/{id}/cancel", ResponsesEndpoint.Cancel).For(CallerRole.Submitter, CallerRole.Operator);
        group.MapPost("/embeddings", EmbeddingsEndpoint.Embed).For(CallerRole.Submitter);
    }

    /// <summary>Null where the host has no model for it.</summary>
    public static IEmbeddingGenerator<string, Embedding<float>>? Embeddings(HttpContext http) => http.RequestServices.GetService<IEmbeddingGenerator<string, Embedding<float>>>();

    /// <exception cref="ProblemException">422: the client wants its own tools called, or another form of answer.</exception>
    public static void RequirePlain(IReadOnlyList<JsonElement>? tools, Format? format)
    {
        if (tools is { Count: > 0 }) throw ProblemException.Invalid("tools-unsupported", "Agents have the tools that the mesh gives them; tools of the client are not called. Leave tools out.");
        if (format?.Type is not (null or "text")) throw ProblemException.Invalid("format-unsupported", "The answer is text. GET /v1/goals/{id}/artifacts has the results as JSON.");
    }

    public static JsonObject ErrorBody(int status, string code, string detail) => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = detail,
            ["type"] = status switch { 401 => "authentication_error", 403 => "permission_error", 429 => "rate_limit_error", >= 500 => "server_error", _ => "invalid_request_error" },
            ["param"] = null,
            ["code"] = code,
        },
    };

    private static IResult Error(Failure failure) => JsonBody.Of(ErrorBody(failure.Status, failure.Code, failure.Detail), failure.Status);

    private static IResult Model(HttpContext http, string model, MeshCatalogue catalogue)
    {
        // Clients escape the slash, which routing leaves as it is.
        var name = Uri.UnescapeDataString(model);
        return MeshModels.Names(catalogue, Embeddings(http)).Contains(name, StringComparer.Ordinal) ? JsonBody.Of(MeshModels.Json(name)) : throw MeshModels.Unknown(name);
    }
}
