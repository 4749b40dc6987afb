using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Gateway.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace AgentMesh.Gateway.Protocols.OpenAi;

/// <summary><c>POST /v1/embeddings</c>, by the model that the host is set up with.</summary>
internal static class EmbeddingsEndpoint
{
    private const int MostTexts = 2048;
    private const int MostDimensions = 65_536;

    public static async Task<IResult> Embed(HttpContext http, GatewayOptions options, CancellationToken ct)
    {
        var request = await Body.Read(http, OpenAiJson.Default.EmbeddingRequest, options.MaxBodyBytes, ct);
        var generator = OpenAiEndpoints.Embeddings(http)
            ?? throw new ProblemException(404, "model_not_found", "This server has no embedding model. Set AGENTMESH_EMBEDDING_MODEL, and AGENTMESH_EMBEDDING_URL where it is not served at AGENTMESH_MODEL_URL.");
        var model = MeshModels.Embedding(generator) ?? request.Model;
        if (request.Model != model) throw MeshModels.Unknown(request.Model);
        var base64 = request.EncodingFormat switch
        {
            null or "float" => false,
            "base64" => true,
            _ => throw ProblemException.Invalid("encoding-invalid", "encoding_format is float or base64."),
        };
        if (request.Dimensions is < 1 or > MostDimensions) throw ProblemException.Invalid("dimensions-invalid", $"dimensions is a number from 1 to {MostDimensions}.");
        var texts = Texts(request.Input);
        var made = await generator.GenerateAsync(texts, new EmbeddingGenerationOptions { ModelId = model, Dimensions = request.Dimensions }, ct);
        var tokens = made.Usage?.InputTokenCount ?? 0;
        return JsonBody.Of(new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. made.Select((e, at) => new JsonObject { ["object"] = "embedding", ["index"] = at, ["embedding"] = Numbers(e.Vector.Span, base64) })]),
            ["model"] = model,
            ["usage"] = new JsonObject { ["prompt_tokens"] = tokens, ["total_tokens"] = made.Usage?.TotalTokenCount ?? tokens },
        });
    }

    private static List<string> Texts(JsonElement input)
    {
        List<string> texts = input.ValueKind switch
        {
            JsonValueKind.String => [input.GetString()!],
            // What is no text is as bad as an empty one.
            JsonValueKind.Array => [.. input.EnumerateArray().Select(i => i.ValueKind == JsonValueKind.String ? i.GetString()! : "")],
            _ => [],
        };
        return texts.Count is > 0 and <= MostTexts && texts.TrueForAll(t => t.Length > 0) ? texts
            : throw ProblemException.Invalid("input-invalid", $"input is a text, or 1 to {MostTexts} texts, none of them empty. Tokens are not taken: send the text.");
    }

    private static JsonNode Numbers(ReadOnlySpan<float> vector, bool base64)
    {
        // Little-endian, as the API has it and every machine that this runs on.
        if (base64) return Convert.ToBase64String(MemoryMarshal.AsBytes(vector));
        var numbers = new JsonArray();
        foreach (var number in vector) numbers.Add((JsonNode)number);
        return numbers;
    }
}
