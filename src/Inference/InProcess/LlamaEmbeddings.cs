using AgentMesh.Agents.Models;
using AgentMesh.Inference.LlamaCpp;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.InProcess;

/// <summary>Embeddings by a model in this process. Calls are computed one after another, each in as few batches as it fits in.</summary>
/// <param name="embedder">Owned.</param>
public sealed class LlamaEmbeddings(string model, LlamaEmbedder embedder) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new("llama.cpp", null, model, embedder.Length);

    /// <exception cref="ModelException">A text has too many tokens or none, or the library failed.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<string> texts = [.. values];
        try
        {
            var vectors = await Task.Run(() => embedder.Embed(texts, cancellationToken), cancellationToken);
            return [.. vectors.Select(v => new Embedding<float>(v) { ModelId = model })];
        }
        catch (LlamaException e)
        {
            throw new ModelException(ModelErrorKind.Rejected, e.Message, e);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose() => embedder.Dispose();
}
