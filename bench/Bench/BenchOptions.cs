namespace AgentMesh.Bench;

/// <param name="Baselines">Folder of the rivals' programs; null leaves them out.</param>
/// <param name="Rounds">How often each system runs at each load; the best round counts, for all alike.</param>
/// <param name="WarmUp">Our goals before the first measurement, so that the JIT is done; the rivals warm up themselves.</param>
/// <param name="Grow">Stored goals up to which the cost per goal is followed; 0 leaves it out.</param>
internal sealed record BenchOptions(string? Baselines, int Rounds, int WarmUp, int Grow, IReadOnlyList<int> AtOnce)
{
    public static BenchOptions Parse(IReadOnlyList<string> args)
    {
        string? Value(string name) => args.SkipWhile(a => a != name).Skip(1).FirstOrDefault();
        return new BenchOptions(
            Value("--baselines"), int.Parse(Value("--rounds") ?? "2"), int.Parse(Value("--warm-up") ?? "15000"), int.Parse(Value("--grow") ?? "100000"),
            [.. (Value("--at-once") ?? "1,64,1000").Split(',').Select(int.Parse)]);
    }
}
