using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.OpenAi;

/// <summary>Vectors over <c>POST embeddings</c>: one request per call.</summary>
internal sealed class EmbeddingsClient(ModelEndpoint endpoint, string model) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new("openai-compatible", endpoint.Url, model);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var texts = values as IReadOnlyList<string> ?? [.. values];
        if (texts.Count == 0) return [];
        try
        {
            using var response = await endpoint.Post("embeddings", Write(texts, options), cancellationToken);
            return Read(await endpoint.Read(response, WireJson.Default.EmbeddingAnswer, cancellationToken), texts.Count);
        }
        catch (RefusedException e)
        {
            throw e.Error;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>The endpoint is shared and owned by the chain.</summary>
    public void Dispose()
    {
    }

    private byte[] Write(IReadOnlyList<string> texts, EmbeddingGenerationOptions? options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model", options?.ModelId ?? model);
            json.WriteStartArray("input");
            foreach (var text in texts) json.WriteStringValue(text);
            json.WriteEndArray();
            json.WriteString("encoding_format", "float");
            if (options?.Dimensions is { } dimensions) json.WriteNumber("dimensions", dimensions);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Places each vector by its index where the server gives one; a missing, doubled or odd one makes the whole answer unusable.</summary>
    private GeneratedEmbeddings<Embedding<float>> Read(EmbeddingAnswer answer, int expected)
    {
        if (answer.Error.ValueKind is JsonValueKind.Object or JsonValueKind.String) throw endpoint.Errors.InBand(answer.Error);
        var vectors = new float[expected][];
        foreach (var (i, item) in (answer.Data ?? []).Index())
        {
            var at = item?.Index ?? i;
            if (item?.Embedding is not { Length: > 0 } vector || at < 0 || at >= expected || vectors[at] is not null || vector.Length != (vectors[0] ?? vector).Length)
                throw endpoint.Errors.Bad("answered with embeddings that do not fit the request");
            vectors[at] = vector;
        }

        if (vectors.Any(v => v is null || v.Length != vectors[0].Length))
            throw endpoint.Errors.Bad($"answered with {answer.Data?.Count ?? 0} embeddings for {expected} texts");
        return new GeneratedEmbeddings<Embedding<float>>(vectors.Select(v => new Embedding<float>(v) { ModelId = answer.Model ?? model }))
        {
            Usage = ChatAnswer.Usage(answer.Usage),
        };
    }
}
