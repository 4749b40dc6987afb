using AgentMesh.Contracts;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Services;
using Orleans.Services;
using SiloStatus = Orleans.Runtime.SiloStatus;

namespace AgentMesh.Grains.Engine;

/// <summary>Tells what a silo's runs have of a goal's budget, also while the silo drains and takes no more grains.</summary>
[Alias("agentmesh.budget")]
internal interface IBudgetService : IGrainService
{
    [Alias("tell")]
    Task<IReadOnlyList<ReservedCall>> Tell(GoalId goal);
}

/// <inheritdoc cref="IBudgetService"/>
internal sealed class BudgetService(GrainId id, Silo silo, ILoggerFactory loggers, GoalHosting hosting) : GrainService(id, silo, loggers), IBudgetService
{
    public Task<IReadOnlyList<ReservedCall>> Tell(GoalId goal) => Task.FromResult(hosting.Runs.Tell(goal));
}

/// <summary>Asks every silo what its runs have of a goal's budget.</summary>
internal sealed partial class BudgetInquiry(IServiceProvider services, IClusterMembershipService membership, TimeProvider time, ILogger<BudgetInquiry> log)
    : GrainServiceClient<IBudgetService>(services)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer than a dead silo goes unnoticed; one of a version that cannot tell is waited for no longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<IReadOnlyList<ReservedCall>> Ask(GoalId goal)
    {
        // One that joins has no runs yet, and does not answer.
        var silos = membership.CurrentSnapshot.Members.Values.Where(m => m.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping).Select(m => m.SiloAddress);
        return [.. (await Task.WhenAll(silos.Select(silo => Ask(silo, goal)))).SelectMany(told => told)];
    }

    private async Task<IReadOnlyList<ReservedCall>> Ask(SiloAddress silo, GoalId goal)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        while (true)
        {
            try
            {
                return await GetGrainService(silo).Tell(goal).WaitAsync(limit.Token);
            }
            catch (Exception e)
            {
                // What a dead silo's runs had reserved and not put on record, nobody can tell.
                if (membership.CurrentSnapshot.GetSiloStatus(silo) is SiloStatus.Dead or SiloStatus.None) return [];
                if (limit.IsCancellationRequested)
                {
                    LogSilent(log, goal, silo.ToParsableString(), e.Message);
                    return [];
                }
            }

            await Task.Delay(Pause, time);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Goal {Goal}: silo {Silo} does not tell what its attempts have of the budget, which goes on without: {Reason}")]
    private static partial void LogSilent(ILogger log, GoalId goal, string silo, string reason);
}
