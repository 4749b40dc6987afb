using AgentMesh.Inference.Gguf;
using AgentMesh.Inference.ModelFiles;

namespace AgentMesh.Inference.InProcess;

/// <summary>What a model will take of a machine's memory, as its file says.</summary>
internal static class ModelMemory
{
    /// <summary>Keys and values of one token are numbers of 16 bits.</summary>
    private const int Number = 2;

    /// <param name="cells">Tokens of context; null: the default.</param>
    /// <exception cref="ModelFileException">It can never fit.</exception>
    public static void Check(GgufFile file, int? cells, long available)
    {
        var context = Context(file, cells);
        if (file.Length + context <= available) return;
        throw ModelFileException.Asked(
            $"{file.Path} needs {Gigabytes(file.Length)} GB for its weights and {Gigabytes(context)} GB for its context, but there are {Gigabytes(available)} GB of memory: "
            + "use a smaller quantization or model, or set AGENTMESH_MODEL_CONTEXT (or AGENTMESH_MODEL_CONTEXT_EACH) lower.");
    }

    /// <summary>Bytes of the context's keys and values; 0 where the file does not say enough.</summary>
    internal static long Context(GgufFile file, int? cells)
    {
        if (file.Size("block_count") is not { } layers || file.Size("embedding_length") is not { } width || file.Size("attention.head_count") is not { } heads || heads == 0) return 0;
        var shared = file.Size("attention.head_count_kv") ?? heads;
        var key = file.Size("attention.key_length") ?? width / heads;
        var value = file.Size("attention.value_length") ?? width / heads;
        var tokens = cells ?? Math.Min(file.Size("context_length") ?? 0, 8192);
        return (long)Int128.Min((Int128)layers * shared * (key + value) * Number * tokens, long.MaxValue / 2);
    }

    private static string Gigabytes(long bytes) => (bytes / 1e9).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
}
