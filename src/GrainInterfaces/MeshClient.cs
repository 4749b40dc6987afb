using System.Runtime.CompilerServices;
using AgentMesh.Contracts;

namespace AgentMesh.GrainInterfaces;

/// <summary>
/// The mesh as seen through its grains, from a silo or from a client of the cluster. Calls that end with a silo's death are made again for a
/// while: each of them may safely be repeated.
/// </summary>
public sealed class MeshClient(IGrainFactory grains, TimeProvider time) : IMesh
{
    private static readonly TimeSpan WaitTurn = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly GrainsByKey<IOrchestratorGrain> orchestrators = new(grains);

    public async Task<GoalId> Submit(GoalSpec spec, GoalId? goal = null, CancellationToken ct = default)
    {
        using var span = GoalTrace.Submit(spec, out var traced);
        if (goal is { } id)
        {
            await Again(() => Orchestrator(id).Submit(traced, ct), ct);
            return id;
        }

        try
        {
            return await grains.GetGrain<IMeshGrain>(0).Submit(traced, ct);
        }
        catch (Exception e) when (IsPassing(e, ct))
        {
            // Not made again here: a second one without an id would be a second goal.
            throw new MeshException("cluster-unavailable", $"The silo that took the goal did not answer, and nobody can tell whether it is in the journal: {e.Message}", e);
        }
    }

    public Task<GoalView> Get(GoalId goal, CancellationToken ct = default) => Again(() => Orchestrator(goal).Get(ct), ct);

    public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) =>
        Again(() => grains.GetGrain<IMeshGrain>(0).List(query, ct), ct);

    public async IAsyncEnumerable<JournalEntry> Events(
        GoalId goal, long after = 0, bool follow = false, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var seen = after;
        var failing = default(long?);
        while (true)
        {
            var ended = false;
            await using var events = Orchestrator(goal).Events(seen, follow, ct).GetAsyncEnumerator(ct);
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync())
                    {
                        ended = true;
                        break;
                    }
                }
                catch (Exception e) when (IsPassing(e, ct) && time.GetElapsedTime(failing ??= time.GetTimestamp()) < Patience)
                {
                    break;
                }

                failing = null;
                seen = events.Current.Sequence;
                yield return events.Current;
                if (events.Current.Event is GoalEnded) yield break;
            }

            // To a follower, an end without the goal's end says that the orchestrator leaves its silo.
            if (ended && !follow) yield break;
            await Task.Delay(Pause, time, ct);
        }
    }

    public async Task<GoalView> Wait(GoalId goal, CancellationToken ct = default)
    {
        while (true)
        {
            var since = time.GetTimestamp();
            if (await Again(() => Orchestrator(goal).Wait(WaitTurn, ct), ct) is { } view) return view;
            // Sooner than asked: the orchestrator leaves its silo.
            if (time.GetElapsedTime(since) < Pause) await Task.Delay(Pause, time, ct);
        }
    }

    public Task Decide(GoalId goal, ApprovalDecided decision, CancellationToken ct = default) => Again(() => Orchestrator(goal).Decide(decision, ct), ct);

    public Task Answer(GoalId goal, QuestionAnswered answer, CancellationToken ct = default) => Again(() => Orchestrator(goal).Answer(answer, ct), ct);

    // Not safe to repeat, and so made once: a message that was taken and not acknowledged would come twice.
    public Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default) => Orchestrator(goal).Tell(message, ct);

    public Task Cancel(GoalId goal, CancelRequested request, CancellationToken ct = default) => Again(() => Orchestrator(goal).Cancel(request, ct), ct);

    public async Task<GoalId> Fork(GoalId goal, ForkRequest request, GoalId? fork = null, CancellationToken ct = default) =>
        await Submit(await Again(() => Orchestrator(goal).Fork(request, ct), ct), fork, ct);

    private IOrchestratorGrain Orchestrator(GoalId goal) => orchestrators[goal.Value];

    private Task Again(Func<Task> call, CancellationToken ct) => Again(async () =>
    {
        await call();
        return true;
    }, ct);

    private async Task<T> Again<T>(Func<Task<T>> call, CancellationToken ct)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (IsPassing(e, ct))
            {
                if (time.GetElapsedTime(since) >= Patience) throw new MeshException("cluster-unavailable", $"No silo answered for {Patience.TotalSeconds:0} s: {e.Message}", e);
                await Task.Delay(Pause, time, ct);
            }
        }
    }

    // A silo died or drained under the call (then its cancellation is not ours), the cluster is just finding out, or the answer came too late.
    private static bool IsPassing(Exception e, CancellationToken ct) =>
        e is OrleansException or TimeoutException or ObjectDisposedException or MeshException { Code: "not-owner" } || (e is OperationCanceledException && !ct.IsCancellationRequested);
}
