using System.Globalization;
using AgentMesh.TinyModels;

namespace AgentMesh.InferenceBench;

/// <summary>What is measured, and on what.</summary>
/// <param name="Tools">The folder with llama-batched-bench and llama-server.</param>
/// <param name="Only">Parts of scenarios' names; empty: all.</param>
internal sealed record BenchSettings(string Tools, ModelShape Shape, TensorType Weights, int Rounds, int Threads, string? Device, IReadOnlyList<string> Only)
{
    public static BenchSettings Parse(string[] args)
    {
        string Of(string name, string fallback) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : fallback;
        var shape = Of("--model", "smollm2-135m");
        return new BenchSettings(
            Of("--tools", "bench/baselines/llama/artifacts"),
            ModelShape.All.FirstOrDefault(s => s.Name == shape) ?? throw new FormatException($"--model is {shape}; it takes one of {string.Join(", ", ModelShape.All.Select(s => s.Name))}."),
            Enum.Parse<TensorType>(Of("--weights", "Q4_0"), ignoreCase: true),
            int.Parse(Of("--rounds", "3"), CultureInfo.InvariantCulture),
            int.Parse(Of("--threads", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture),
            Of("--device", "") is { Length: > 0 } device ? device : null,
            Of("--only", "").Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    public bool Wants(string scenario) => Only.Count == 0 || Only.Any(o => scenario.Contains(o, StringComparison.OrdinalIgnoreCase));
}
