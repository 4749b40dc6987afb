using AgentMesh.GrainInterfaces;
using AgentMesh.Runtime;

namespace AgentMesh.ClusterBench;

/// <summary>What a grain call costs anyway: no roles, no metering, no memory, the same plain class behind it.</summary>
[Alias("bench.bare-classifier")]
public interface IBareClassifierGrain : IGrainWithStringKey
{
    [Alias("classify")]
    Task<Classification> Classify(ClassifyRequest request, CancellationToken ct = default);
}

/// <inheritdoc cref="IBareClassifierGrain"/>
[Orleans.Concurrency.Reentrant]
public sealed class BareClassifierGrain(DirectRunner runner) : Grain, IBareClassifierGrain
{
    private static readonly Dictionary<string, string> NoNotes = [];

    public async Task<Classification> Classify(ClassifyRequest request, CancellationToken ct = default)
    {
        var answer = await runner.Run(
            new DirectWork("classifier", this.GetPrimaryKeyString(), "Classify the document and sum it up.", "category", [OneSilo.Document], request.Tenant, request.Deadline, NoNotes), null, ct);
        return new Classification(answer.Value.Value!.Value.GetProperty("label").GetString()!, answer.Confidence, null, answer.Tier, answer.Why.Reason);
    }
}
