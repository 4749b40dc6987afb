using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Grains.Engine;

/// <summary>A call that a run has reserved.</summary>
/// <param name="Name">The reservation's, unique in the cluster.</param>
/// <param name="Call">What the journal knows the call by, or will; null where it never will.</param>
/// <param name="Usage">What it cost, or may cost at most while <paramref name="IsOpen"/>.</param>
[GenerateSerializer, Immutable, Alias("agentmesh.reserved-call")]
internal sealed record ReservedCall([property: Id(0)] string Name, [property: Id(1)] string? Call, [property: Id(2)] Usage Usage, [property: Id(3)] bool IsOpen);

/// <summary>A goal's budget as one run of an attempt reaches it: here, or at the orchestrator's silo. Remembers what it got, for the next orchestrator.</summary>
/// <param name="run">Names this run, uniquely in the cluster.</param>
internal sealed class AttemptBudget(GoalHosting hosting, GoalId goal, string run, TimeProvider time) : ICallBudget
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>How long an orchestrator is waited for that moves to another silo.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly Dictionary<string, ReservedCall> calls = new(StringComparer.Ordinal);
    private Task settling = Task.CompletedTask;
    private long numbers;
    private int told;

    /// <summary>What the run has reserved so far. What it is being granted meanwhile it asks for again.</summary>
    public IReadOnlyList<ReservedCall> Tell()
    {
        lock (gate)
        {
            told++;
            return [.. calls.Values];
        }
    }

    public async ValueTask<long?> TokensLeft(CancellationToken ct)
    {
        await settling;
        return await Asked(async () => hosting.Accounts.Find(goal) is { } here ? await here.TokensLeft() : await hosting.Ask(goal, o => o.TokensLeft()), ct);
    }

    public async ValueTask<ICallReservation> Reserve(CallId call, Usage most, CancellationToken ct)
    {
        // What the calls before have left over is there for this one.
        await settling;
        var name = $"{run}/{Interlocked.Increment(ref numbers)}";
        while (true)
        {
            var before = Volatile.Read(ref told);
            var refusal = await Asked(async () => hosting.Accounts.Find(goal) is { } here ? await here.Reserve(name, most) : await hosting.Ask(goal, o => o.Reserve(name, most)), ct);
            if (refusal is not null) throw new BudgetExceededException(refusal);
            lock (gate)
            {
                // It was told of the run without this call, so that its grant may be that of an account which is no more.
                if (told != before) continue;
                calls.Add(name, new ReservedCall(name, call.Value, most, IsOpen: true));
            }

            return new Reservation(this, name);
        }
    }

    public void Leave() => hosting.Runs.Leave(goal, this);

    // Reserving the same again reserves nothing more, so an orchestrator that is on its way to another silo is asked until it is there.
    private async Task<T> Asked<T>(Func<Task<T>> question, CancellationToken ct)
    {
        var since = time.GetTimestamp();
        for (var pause = FirstPause;; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await question();
            }
            catch (JournalUnavailableException) when (!hosting.Ended.IsCancellationRequested && time.GetElapsedTime(since) < Patience)
            {
                await Task.Delay(pause, time, ct);
            }
        }
    }

    private void Settle(string name, Usage actual, bool isForTheRecord)
    {
        lock (gate)
        {
            var call = calls[name];
            calls[name] = call with { Call = isForTheRecord ? call.Call : null, Usage = actual, IsOpen = false };
            settling = Settled(settling, name, actual);
        }
    }

    private async Task Settled(Task before, string name, Usage actual)
    {
        await before;
        try
        {
            if (hosting.Accounts.Find(goal) is { } here) await here.Settle(name, actual);
            else
                await hosting.Ask(goal, async o =>
                {
                    await o.Settle(name, actual);
                    return true;
                });
        }
        catch (JournalUnavailableException)
        {
            // It stays reserved at its most: too much is counted rather than too little.
        }
    }

    private sealed class Reservation(AttemptBudget budget, string name) : ICallReservation
    {
        private int settled;

        public void Settle(Usage actual, bool isForTheRecord = true)
        {
            if (Interlocked.Exchange(ref settled, 1) == 0) budget.Settle(name, actual, isForTheRecord);
        }

        public void Dispose() => Settle(Usage.None, isForTheRecord: false);
    }
}
