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
            await Start(stoppingToken);
            var gone = new HashSet<SiloAddress>();
            var first = true;
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                foreach (var member in snapshot.Members.Values)
                {
                    if (member.Status != SiloStatus.Dead || !gone.Add(member.SiloAddress) || member.SiloAddress.Equals(local.SiloAddress)) continue;
                    // Those that were dead before this silo came are nobody's news.
                    if (!first) await Persist(() => Gone(member.SiloAddress, stoppingToken), stoppingToken);
                }

                first = false;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private Task Start(CancellationToken ct) => Persist(async () =>
    {
        for (var keeper = 0; keeper < options.Keepers; keeper++) await grains.GetGrain<IKeeperGrain>(keeper).Start();
    }, ct);

    private async Task Gone(SiloAddress silo, CancellationToken ct)
    {
        LogGone(log, silo.ToParsableString());
        await writers.Retire(silo.ToParsableString(), ct);
        hosting.ResumeAll();
        foreach (var keeper in Enumerable.Range(0, options.Keepers)) _ = Persist(() => grains.GetGrain<IKeeperGrain>(keeper).Sweep(), ct);
    }

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

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} is gone: what it drove is taken up again")]
    private static partial void LogGone(ILogger log, string silo);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Upkeep is tried again: {Reason}")]
    private static partial void LogAgain(ILogger log, string reason);
}
