using System.Runtime.CompilerServices;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Runtime;

/// <summary>How a desk reaches the goals of its engine.</summary>
public interface IGoalDoor
{
    /// <inheritdoc cref="IGoalHost.Post"/>
    Task<string?> Post(GoalId goal, IReadOnlyList<GoalEvent> events);

    /// <summary>The goal as its owner knows it, or as the journal tells it; null when there is none.</summary>
    Task<GoalState?> Look(GoalId goal);

    /// <summary>What is appended to the goal from now on.</summary>
    GoalFeed.Subscription Follow(GoalId goal);
}

/// <summary>What callers ask of goals that exist, with the errors that they understand: <see cref="IMesh"/> without submit and list, for every engine.</summary>
public sealed class GoalDesk(IGoalDoor door, IJournal journal, MeshCatalogue catalogue)
{
    public async Task<GoalView> Get(GoalId goal, CancellationToken ct = default) => GoalProjection.View(await Load(goal, ct));

    public async IAsyncEnumerable<JournalEntry> Events(
        GoalId goal, long after = 0, bool follow = false, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var seen = after;
        while (true)
        {
            // Subscribed before the journal is read, so that nothing falls between the two.
            using var news = door.Follow(goal);
            foreach (var entry in await journal.Read(goal, seen, ct))
            {
                seen = entry.Sequence;
                yield return entry;
                if (entry.Event is GoalEnded) yield break;
            }

            if (seen == after && await door.Look(goal).WaitAsync(ct) is null) throw NotFound(goal);
            if (!follow) yield break;
            await foreach (var batch in news.Entries.ReadAllAsync(ct))
            {
                if (batch.Entries[0].Sequence > seen + 1) break;
                foreach (var entry in batch.Entries)
                {
                    if (entry.Sequence <= seen) continue;
                    seen = entry.Sequence;
                    yield return entry;
                    if (entry.Event is GoalEnded) yield break;
                }
            }
        }
    }

    public async Task<GoalView> Wait(GoalId goal, CancellationToken ct = default)
    {
        while (true)
        {
            using var news = door.Follow(goal);
            var state = await door.Look(goal).WaitAsync(ct) ?? throw NotFound(goal);
            if (Rests(state)) return GoalProjection.View(state);
            await foreach (var item in news.Entries.ReadAllAsync(ct))
                if (Rests(item.State)) return GoalProjection.View(item.State);
        }
    }

    public async Task Decide(GoalId goal, ApprovalDecided decision, CancellationToken ct = default)
    {
        var state = await Load(goal, ct);
        if (state.Request(decision.Request)?.Approval is { } approval && PersonInput.Error(decision, approval, catalogue) is { } error) throw error;
        if (await Bring(goal, decision) is not { } refusal) return;
        state = await Load(goal, ct);
        if (!PersonInput.IsDecided(state.Request(decision.Request)?.Decision, decision)) throw new MeshException("request-closed", refusal);
    }

    public async Task Answer(GoalId goal, QuestionAnswered answer, CancellationToken ct = default)
    {
        if (await Bring(goal, answer) is not { } refusal) return;
        var known = (await Load(goal, ct)).Request(answer.Request)?.Answer;
        if (known?.Answer != answer.Answer) throw new MeshException("request-closed", refusal);
    }

    public Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default) => Require(goal, message, ct);

    public async Task Cancel(GoalId goal, CancelRequested request, CancellationToken ct = default)
    {
        if (await Bring(goal, request) is not { } refusal) return;
        var state = await Load(goal, ct);
        if (state.Status != GoalStatus.Cancelled && state.Ending?.Status != GoalStatus.Cancelled) throw new MeshException("goal-over", refusal);
    }

    /// <summary>What to submit so that a new goal goes on from a step of this one.</summary>
    public async Task<GoalSpec> Fork(GoalId goal, ForkRequest request, CancellationToken ct = default) => Forking.Of(await Load(goal, ct), request);

    /// <summary>Every append from now on, in order, until the goal ends. A reader that fell behind gets what it missed as one.</summary>
    /// <exception cref="JournalUnavailableException">What it missed cannot be read.</exception>
    public async IAsyncEnumerable<IReadOnlyList<JournalEntry>> News(GoalId goal, [EnumeratorCancellation] CancellationToken ct)
    {
        var seen = default(long?);
        while (true)
        {
            using var news = door.Follow(goal);
            if (seen is { } last && await journal.Read(goal, last, ct) is [.., var newest] missed)
            {
                seen = newest.Sequence;
                yield return missed;
                if (newest.Event is GoalEnded) yield break;
            }

            await foreach (var batch in news.Entries.ReadAllAsync(ct))
            {
                if (batch.Entries[^1].Sequence <= seen) continue;
                seen = batch.Entries[^1].Sequence;
                yield return batch.Entries;
                if (batch.Entries[^1].Event is GoalEnded) yield break;
            }
        }
    }

    private static bool Rests(GoalState state) => state.Ended is not null || state.Status == GoalStatus.Waiting;

    private async Task Require(GoalId goal, GoalEvent e, CancellationToken ct)
    {
        if (await Bring(goal, e) is not { } refusal) return;
        await Load(goal, ct);
        throw new MeshException("refused", refusal);
    }

    private async Task<string?> Bring(GoalId goal, GoalEvent e)
    {
        try
        {
            return await door.Post(goal, [e]);
        }
        catch (JournalUnavailableException error)
        {
            throw new MeshException("journal-unavailable", error.Message, error);
        }
    }

    private async Task<GoalState> Load(GoalId goal, CancellationToken ct) => await door.Look(goal).WaitAsync(ct) ?? throw NotFound(goal);

    private static MeshException NotFound(GoalId goal) => new("goal-not-found", $"There is no goal {goal.Value}. `agentmesh goal list` shows what there is.");
}
