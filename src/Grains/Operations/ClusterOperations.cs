using AgentMesh.Contracts;
using AgentMesh.Grains.Placement;
using AgentMesh.Runtime.Activity;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Clustered = Orleans.Runtime.SiloStatus;
using SiloStatus = AgentMesh.Contracts.SiloStatus;

namespace AgentMesh.Grains.Operations;

/// <summary>The cluster as any of its silos sees it. A silo that does not answer in time is shown without its figures.</summary>
internal sealed class ClusterOperations(
    IClusterMembershipService membership, ISiloMetadataCache metadata, IGrainFactory grains, IOptions<ClusterOptions> cluster, TimeProvider time) : IOperations
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<ClusterView> Status(CancellationToken ct = default) =>
        new(cluster.Value.ClusterId, await Task.WhenAll(Members(withDead: true).Select(m => View(m, ct))));

    public async Task Drain(string silo, CancellationToken ct = default)
    {
        var members = Members(withDead: false).ToList();
        var found = members.Find(m => m.Name == silo) ?? throw new MeshException(
            "silo-not-found", $"There is no silo {silo} in service. There are: {string.Join(", ", members.Select(m => m.Name).Order(StringComparer.Ordinal))}.");
        if (RunsAgents(found) && !members.Exists(m => !ReferenceEquals(m, found) && m.Status == Clustered.Active && RunsAgents(m)))
            throw new MeshException("last-silo", $"{silo} is the last silo that runs agents: nothing would drive the goals. Start another one first.");
        await Ask(found.SiloAddress).Drain();
    }

    public async Task<ActivityView> Activity(TimeSpan window, CancellationToken ct = default)
    {
        var asked = await Task.WhenAll(Members(withDead: false).Select(m => Answered(m, s => s.Activity(window), ct)));
        var answers = asked.OfType<ActivityView>().ToList();
        if (answers.Count > 0) return ActivityMerge.Merge(answers);
        throw new MeshException(
            "cluster-unavailable",
            $"None of {asked.Length} silos told within {Patience.TotalSeconds:0} s what it does: they start, stop, or have more work than they can carry. Try again shortly; GET /v1/cluster shows which there are.");
    }

    // A silo's name has one line: its present life, or the last one that died.
    private IEnumerable<ClusterMember> Members(bool withDead) => membership.CurrentSnapshot.Members.Values
        .Where(m => withDead || m.Status != Clustered.Dead)
        .GroupBy(m => m.Name, StringComparer.Ordinal)
        .Select(lives => lives.OrderBy(m => m.Status == Clustered.Dead).ThenByDescending(m => m.SiloAddress.Generation).First())
        .OrderBy(m => m.Name, StringComparer.Ordinal);

    private async Task<SiloView> View(ClusterMember member, CancellationToken ct)
    {
        var facts = SiloFacts.Of(metadata.GetSiloMetadata(member.SiloAddress));
        var report = member.Status == Clustered.Dead ? null : await Answered(member, s => s.Report(), ct);
        return new SiloView(
            member.Name, member.SiloAddress.ToParsableString(), Status(member.Status), facts.Roles, facts.Version, facts.StartedAt,
            report?.Goals ?? 0, report?.Activations ?? 0, report?.Memory ?? 0, report?.Devices ?? []);
    }

    private static SiloStatus Status(Clustered status) => status switch
    {
        Clustered.Active => SiloStatus.Active,
        Clustered.ShuttingDown or Clustered.Stopping => SiloStatus.Draining,
        Clustered.Dead => SiloStatus.Dead,
        _ => SiloStatus.Joining,
    };

    private bool RunsAgents(ClusterMember member) => SiloFacts.Of(metadata.GetSiloMetadata(member.SiloAddress)).Roles.Contains("agents", StringComparer.Ordinal);

    private ISiloGrain Ask(SiloAddress silo) => grains.GetGrain<ISiloGrain>(PlacedAt.Key(silo));

    private async Task<T?> Answered<T>(ClusterMember member, Func<ISiloGrain, Task<T>> question, CancellationToken ct) where T : class
    {
        try
        {
            return await question(Ask(member.SiloAddress)).WaitAsync(Patience, time, ct);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException || e is OperationCanceledException && !ct.IsCancellationRequested)
        {
            return null;
        }
    }
}
