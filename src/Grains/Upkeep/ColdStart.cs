using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Grains.Upkeep;

/// <summary>
/// Whoever joins must reach every member, and members that all died at once are left in the table with nobody there to vote them out: those who
/// come next, on other addresses, would wait for them until they give up. So while this silo joins it watches, and declares dead members that all
/// have stopped to give signs of life and answer nobody. As long as a single one gives them, the members decide among themselves, by their votes.
/// </summary>
internal sealed partial class ColdStart(
    IMembershipTable table, IClusterMembershipService membership, ILocalSiloDetails local, TimeProvider time, ILogger<ColdStart> log) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>Between two looks.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection may take that somebody accepts.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Looks in a row at which nobody answers before the silent are dead.</summary>
    private const int Looks = 3;

    private readonly CancellationTokenSource over = new();
    private Task watching = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer)
    {
        observer.Subscribe(
            nameof(ColdStart), ServiceLifecycleStage.AfterRuntimeGrainServices,
            _ =>
            {
                watching = Task.Run(Watch, CancellationToken.None);
                return Task.CompletedTask;
            },
            _ => End());
        observer.Subscribe(nameof(ColdStart), ServiceLifecycleStage.Active, _ => End());
    }

    public void Dispose() => over.Dispose();

    private async Task End()
    {
        await over.CancelAsync();
        await watching;
    }

    private async Task Watch()
    {
        var (silence, unanswered) = (new Silence(time), 0);
        while (!over.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Pause, time, over.Token);
                var members = (await table.ReadAll()).Members.Select(m => m.Item1).Where(m => m.Status == SiloStatus.Active && !m.SiloAddress.Equals(local.SiloAddress)).ToList();
                unanswered = (await Task.WhenAll(members.Select(m => Answers(m.SiloAddress)))).Any(a => a) ? 0 : unanswered + 1;
                if (!silence.Covers(members) || unanswered < Looks) continue;
                foreach (var silo in members.Select(m => m.SiloAddress))
                {
                    LogDead(log, silo.ToParsableString());
                    await membership.TryKill(silo);
                }
            }
            catch (Exception) when (over.IsCancellationRequested)
            {
                // The silo has joined, or stops.
            }
            catch (Exception e)
            {
                LogAgain(log, e.Message);
            }
        }
    }

    // A frozen process accepts connections: only where none is accepted is nobody there.
    private async Task<bool> Answers(SiloAddress silo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        limit.CancelAfter(Patience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(silo.Endpoint, limit.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !over.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Silo} died with all the others: nobody is left to vote on it, and it neither gives a sign of life nor answers")]
    private static partial void LogDead(ILogger log, string silo);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The members cannot be looked at: {Reason}")]
    private static partial void LogAgain(ILogger log, string reason);
}

/// <summary>Which members have stopped to give signs of life, by one clock: this silo's own.</summary>
internal sealed class Silence(TimeProvider time)
{
    /// <summary>Three signs of life are missed by then.</summary>
    public static readonly TimeSpan Least = SignsOfLife * 3 + TimeSpan.FromSeconds(1);

    private readonly Dictionary<SiloAddress, (DateTime Sign, long Since)> seen = [];

    /// <summary>How often members give one.</summary>
    public static TimeSpan SignsOfLife => TimeSpan.FromSeconds(3);

    /// <param name="active">All members that count as active, as the table has them now.</param>
    /// <returns>Whether each of them has been silent while this watched; a single one that is not speaks for all.</returns>
    public bool Covers(IReadOnlyCollection<MembershipEntry> active)
    {
        var now = time.GetTimestamp();
        foreach (var member in active)
            if (!seen.TryGetValue(member.SiloAddress, out var last) || last.Sign != member.IAmAliveTime) seen[member.SiloAddress] = (member.IAmAliveTime, now);
        return active.All(m => time.GetElapsedTime(seen[m.SiloAddress].Since, now) >= Least);
    }
}
