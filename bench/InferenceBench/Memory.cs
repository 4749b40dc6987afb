using System.Diagnostics;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>What this process takes beyond the model's file and its KV cells, after it worked.</summary>
internal static class Memory
{
    private const int Cells = 8192;

    public static async Task Run(LlamaModel model, BenchSettings settings)
    {
        using var engine = new Engine(model, settings, Cells);
        await Task.WhenAll(Enumerable.Range(0, 32).Select(i => engine.Ask(new Question(Words.Of(i, 200, settings.Shape.Vocabulary), 32), new SamplerOptions())));
        using var process = Process.GetCurrentProcess();
        var shape = settings.Shape;
        // Keys and values of 16 bits for each cell and layer.
        var kv = (long)Cells * shape.Layers * 2 * shape.KvHeads * (shape.Width / shape.Heads) * 2;
        var beyond = process.WorkingSet64 - model.Bytes - kv;
        Console.WriteLine($"memory: {process.WorkingSet64 / 1e6:0} MB resident, model {model.Bytes / 1e6:0}, KV {kv / 1e6:0}: {beyond / 1e6:0} MB beyond them (aim 150)");
    }
}
