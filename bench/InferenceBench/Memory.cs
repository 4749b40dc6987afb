using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>What this process takes beyond the model and its KV cells, after it worked.</summary>
internal static class Memory
{
    private const int Cells = 8192;

    public static async Task Run(LlamaLibrary library, string path, ModelBuffers weights, BenchSettings settings)
    {
        // Not mapped: of a mapped file the pages that were read once to arrange the weights anew would count beside the arranged ones.
        using var model = LlamaModel.Load(library, path, new LlamaModelOptions(settings.Device, MemoryMap: false, Trusted: true));
        using var engine = new Engine(model, settings, Cells, cached: 0, separate: true);
        await Task.WhenAll(Enumerable.Range(0, 32).Select(i => engine.Ask(new Question(Words.Of(i, 200, settings.Shape.Vocabulary), 32), new SamplerOptions())));
        var resident = Environment.WorkingSet;
        var shape = settings.Shape;
        // Keys and values of 16 bits for each cell and layer.
        var kv = (long)Cells * shape.Layers * 2 * shape.KvHeads * (shape.Width / shape.Heads) * 2;
        Report.AtMost($"memory, of {resident / 1e6:0} MB resident beyond {weights.Megabytes:0} MB of weights and KV", ((resident - kv) / 1e6) - weights.Megabytes, "MB", 150);
    }
}
