using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Tests;

/// <summary>A mesh of which a test changes one thing.</summary>
internal abstract class OtherMesh(IMesh inner) : IMesh
{
    public virtual Task<GoalId> Submit(GoalSpec spec, GoalId? goal = null, CancellationToken ct = default) => inner.Submit(spec, goal, ct);
    public virtual IAsyncEnumerable<JournalEntry> Events(GoalId goal, long after = 0, bool follow = false, CancellationToken ct = default) => inner.Events(goal, after, follow, ct);
    public virtual Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default) => inner.Tell(goal, message, ct);
    public Task<GoalId> Fork(GoalId goal, ForkRequest request, GoalId? fork = null, CancellationToken ct = default) => inner.Fork(goal, request, fork, ct);
    public Task<GoalView> Get(GoalId goal, CancellationToken ct = default) => inner.Get(goal, ct);
    public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => inner.List(query, ct);
    public virtual Task<GoalView> Wait(GoalId goal, CancellationToken ct = default) => inner.Wait(goal, ct);
    public Task Decide(GoalId goal, ApprovalDecided decision, CancellationToken ct = default) => inner.Decide(goal, decision, ct);
    public Task Answer(GoalId goal, QuestionAnswered answer, CancellationToken ct = default) => inner.Answer(goal, answer, ct);
    public Task Cancel(GoalId goal, CancelRequested request, CancellationToken ct = default) => inner.Cancel(goal, request, ct);
}

/// <summary>A journal without end, of entries of 8 kB; says how many of them the first reader was given.</summary>
internal sealed class Flood(IMesh inner) : OtherMesh(inner)
{
    private readonly TaskCompletionSource<int> stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<int> Stopped => stopped.Task;

    public override async IAsyncEnumerable<JournalEntry> Events(GoalId goal, long after = 0, bool follow = false, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var given = 0;
        try
        {
            while (!ct.IsCancellationRequested)
            {
                given++;
                yield return new JournalEntry(given, DateTimeOffset.UnixEpoch, new MessageReceived("me", new string('x', 8_000)));
                await Task.Yield();
            }
        }
        finally
        {
            stopped.TrySetResult(given);
        }
    }
}

/// <summary>Says when a goal's end is awaited.</summary>
internal sealed class Awaited(IMesh inner) : OtherMesh(inner)
{
    private readonly Channel<GoalId> goals = Channel.CreateUnbounded<GoalId>();

    /// <summary>The next goal that somebody waits for, in the order of their coming.</summary>
    public Task<GoalId> Next() => goals.Reader.ReadAsync(World.Ct).AsTask();

    public override Task<GoalView> Wait(GoalId goal, CancellationToken ct = default)
    {
        goals.Writer.TryWrite(goal);
        return base.Wait(goal, ct);
    }
}

/// <summary>Holds what clients bring until it is let through.</summary>
internal sealed class Gate(IMesh inner) : OtherMesh(inner)
{
    private readonly TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously), open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int through;

    /// <summary>Of the last that came.</summary>
    public CancellationToken Token { get; private set; }

    /// <summary>The first is here.</summary>
    public Task Arrived => arrived.Task;

    /// <summary>How many were let through.</summary>
    public int Through => Volatile.Read(ref through);

    public void Open() => open.TrySetResult();

    public override async Task<GoalId> Submit(GoalSpec spec, GoalId? goal = null, CancellationToken ct = default)
    {
        if (spec.Text == "gate") await Pass(ct);
        return await base.Submit(spec, goal, ct);
    }

    public override async Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default)
    {
        await Pass(ct);
        await base.Tell(goal, message, ct);
    }

    private async Task Pass(CancellationToken ct)
    {
        Token = ct;
        arrived.TrySetResult();
        await open.Task.WaitAsync(ct);
        Interlocked.Increment(ref through);
    }
}
