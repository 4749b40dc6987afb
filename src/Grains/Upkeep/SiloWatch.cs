using AgentMesh.Grains.Engine;
using AgentMesh.Runtime;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Grains.Upkeep;

/// <summary>
/// Watches the other silos. When one is gone: its writer is retired, so that nothing it still believes reaches the journal; attempts that it ran
/// for goals of this silo are ordered anew; and the keepers wake the goals that it drove.
/// </summary>
internal sealed partial class SiloWatch(
    IClusterMembershipService membership, ILocalSiloDetails local, IWriterRegistry writers, GoalHosting hosting, IGrainFactory grains, ClusterEngineOptions options,
    TimeProvider time, ILogger<SiloWatch> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(Start(stoppingToken), Watch(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    // A cluster that comes up cold has goals that nobody drives: each silo has the keepers look when it joins, whoever was there before.
    private Task Start(CancellationToken ct) => EachKeeper(async keeper =>
    {
        await keeper.Sweep();
        await keeper.Start();
    }, ct);

    private async Task Watch(CancellationToken ct)
    {
        var gone = new HashSet<SiloAddress>();
        var first = true;
        await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(ct))
        {
            foreach (var member in snapshot.Members.Values)
            {
                if (member.Status != SiloStatus.Dead || member.SiloAddress.Equals(local.SiloAddress) || !gone.Add(member.SiloAddress)) continue;
                // Whoever saw these die may be dead as well: that they are retired is made sure of; what they drove is swept up anyway.
                if (first) await Persist(() => writers.Retire(member.SiloAddress.ToParsableString(), ct), ct);
                else await Persist(() => Gone(member.SiloAddress, ct), ct);
            }

            first = false;
        }
    }

    private async Task Gone(SiloAddress silo, CancellationToken ct)
    {
        LogGone(log, silo.ToParsableString());
        await writers.Retire(silo.ToParsableString(), ct);
        hosting.ResumeAll();
        _ = EachKeeper(keeper => keeper.Sweep(), ct);
    }

    private Task EachKeeper(Func<IKeeperGrain, Task> work, CancellationToken ct) =>
        Task.WhenAll(Enumerable.Range(0, options.Keepers).Select(keeper => Persist(() => work(grains.GetGrain<IKeeperGrain>(keeper)), ct)));

    private async Task Persist(Func<Task> work, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogAgain(log, e.Message);
                await Task.Delay(Pause, time, ct);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Silo} is gone: what it drove is taken up again")]
    private static partial void LogGone(ILogger log, string silo);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Upkeep is tried again: {Reason}")]
    private static partial void LogAgain(ILogger log, string reason);
}
