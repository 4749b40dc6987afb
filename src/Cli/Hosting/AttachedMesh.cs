using System.Runtime.CompilerServices;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using AgentMesh.Runtime;

namespace AgentMesh.Cli.Hosting;

/// <summary>
/// The mesh that another process on the same home runs: reads come from the journal, and what people decide goes through the durable inbox,
/// from which the running host takes it.
/// </summary>
internal sealed class AttachedMesh(IJournal journal, IInbox inbox, MeshCatalogue catalogue, TimeProvider time) : IMesh
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public Task<GoalId> Submit(GoalSpec spec, GoalId? goal = null, CancellationToken ct = default) =>
        throw Busy();

    public Task<GoalId> Fork(GoalId goal, ForkRequest request, GoalId? fork = null, CancellationToken ct = default) => throw Busy();

    public async Task<GoalView> Get(GoalId goal, CancellationToken ct = default) => GoalProjection.View(await Load(goal, ct));

    public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => journal.List(query, ct);

    public async IAsyncEnumerable<JournalEntry> Events(
        GoalId goal, long after = 0, bool follow = false, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var seen = after;
        while (true)
        {
            foreach (var entry in await journal.Read(goal, seen, ct))
            {
                seen = entry.Sequence;
                yield return entry;
                if (entry.Event is GoalEnded) yield break;
            }

            if (seen == 0) await Load(goal, ct);
            if (!follow) yield break;
            await Task.Delay(Look, time, ct);
        }
    }

    public async Task<GoalView> Wait(GoalId goal, CancellationToken ct = default)
    {
        while (true)
        {
            var state = await Load(goal, ct);
            if (state.Ended is not null || state.Status == GoalStatus.Waiting) return GoalProjection.View(state);
            await Task.Delay(Look, time, ct);
        }
    }

    public async Task Decide(GoalId goal, ApprovalDecided decision, CancellationToken ct = default)
    {
        var state = await Load(goal, ct);
        if (state.Request(decision.Request)?.Approval is { } approval && PersonInput.Error(decision, approval, catalogue) is { } error) throw error;
        await Close(goal, state, decision, decision.Request, r => PersonInput.IsDecided(r.Decision, decision), ct);
    }

    public async Task Answer(GoalId goal, QuestionAnswered answer, CancellationToken ct = default) =>
        await Close(goal, await Load(goal, ct), answer, answer.Request, r => r.Answer?.Answer == answer.Answer, ct);

    public async Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default)
    {
        var state = await Load(goal, ct);
        if (Admission.Refuse(state, message) is { } refusal) throw new MeshException("refused", refusal);
        await Bring(goal, message, s => s.Messages.Length > state.Messages.Length, ct);
    }

    public async Task Cancel(GoalId goal, CancelRequested request, CancellationToken ct = default)
    {
        if (Admission.Refuse(await Load(goal, ct), request) is { } refusal) throw new MeshException("refused", refusal);
        await Bring(goal, request, s => s.Ended is not null || s.Ending is not null, ct);
    }

    /// <summary>Closes a request as this says, or as somebody said before or meanwhile if that is the same.</summary>
    private async Task Close(GoalId goal, GoalState state, GoalEvent e, RequestId id, Func<PersonRequest, bool> isSame, CancellationToken ct)
    {
        if (Admission.Refuse(state, e) is not { } refusal)
        {
            state = await Bring(goal, e, s => s.Request(id) is not { IsOpen: true }, ct);
            refusal = $"{id.Value} was closed meanwhile.";
        }

        if (state.Request(id) is not { } request || !isSame(request)) throw new MeshException("request-closed", refusal);
    }

    /// <returns>The goal as it is once that is so.</returns>
    private async Task<GoalState> Bring(GoalId goal, GoalEvent e, Func<GoalState, bool> arrived, CancellationToken ct)
    {
        await inbox.Post(goal, e, ct);
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < Patience)
        {
            if (await Load(goal, ct) is var state && arrived(state)) return state;
            await Task.Delay(Look, time, ct);
        }

        throw new MeshException("journal-unavailable", "It is in the inbox, but the running host has not taken it yet. It will when it can; nothing need be done again.");
    }

    private static MeshException Busy() =>
        new("host-busy", "Another agentmesh runs on this home and takes no submits from beside it. Wait for it, or set AGENTMESH_HOME to another folder.");

    private async Task<GoalState> Load(GoalId goal, CancellationToken ct) =>
        GoalMachine.Replay(await journal.Read(goal, 0, ct))
        ?? throw new MeshException("goal-not-found", $"There is no goal {goal}. `agentmesh goal list` shows what there is.");
}
