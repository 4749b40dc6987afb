using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime.Tests;

public sealed class GoalBudgetTests
{
    private static readonly Usage Most = new(1, 60, 40, 0, 0.5m, 0);

    [Fact]
    public void Parallel_steps_never_overrun_it_together()
    {
        var budget = new GoalBudget(new Budget { ModelCalls = 500, Tokens = 20_000 }, Usage.None);
        var (calls, tokens) = (0, 0L);
        Parallel.For(0, 4_000, i =>
        {
            try
            {
                using var reservation = budget.Reserve(Most);
                if (i % 5 == 0) return;
                Interlocked.Increment(ref calls);
                Interlocked.Add(ref tokens, 50);
                reservation.Settle(new Usage(1, 30, 20, 0, 0.1m, 0.01));
            }
            catch (BudgetExceededException)
            {
                // What the others have set aside counts as spent.
            }
        });
        Assert.InRange(calls, 300, 500);
        Assert.InRange(tokens, 1, 20_000);
        Assert.Equal(20_000 - tokens, budget.TokensLeft);
    }

    [Fact]
    public void What_was_set_aside_and_not_spent_comes_back_once()
    {
        var budget = new GoalBudget(new Budget { Tokens = 150 }, Usage.None);
        var first = budget.Reserve(Most);
        Assert.Throws<BudgetExceededException>(() => budget.Reserve(Most));
        first.Settle(new Usage(1, 20, 10, 0, 0m, 0));
        first.Settle(Most);
        first.Dispose();
        Assert.Equal(120, budget.TokensLeft);
    }

    [Fact]
    public void What_was_spent_before_counts()
    {
        var budget = new GoalBudget(new Budget { ModelCalls = 3, Cost = 2m }, new Usage(2, 0, 0, 0, 1.4m, 0));
        budget.Reserve(Most).Dispose();
        budget.Reserve(Most).Settle(Most);
        Assert.Throws<BudgetExceededException>(() => budget.Reserve(Most with { Cost = 0m }));
    }

    [Fact]
    public void What_was_reserved_elsewhere_is_held_even_where_it_is_too_much()
    {
        var budget = new GoalBudget(new Budget { Tokens = 150 }, new Usage(1, 60, 40, 0, 0m, 0));
        var held = budget.Hold(Most);
        Assert.Equal(0, budget.TokensLeft);
        held.Settle(new Usage(1, 20, 10, 0, 0m, 0));
        Assert.Equal(20, budget.TokensLeft);
    }

    [Fact]
    public async Task A_call_whose_claim_the_goal_refuses_costs_nothing()
    {
        var bench = new Bench();
        bench.Tool("put", ToolEffect.Idempotent);
        var budget = new GoalBudget(new Budget { ToolCalls = 1 }, Usage.None);
        var (first, repeated) = (await bench.Attempt(new GoalBudget(Budget.Unlimited, Usage.None)), await bench.Attempt(budget));
        await Bench.Call(first, "put", "x");
        bench.Post([new StepFailed(Bench.Step, 1, FailureKind.Permanent, "done")]);

        await Assert.ThrowsAsync<StaleAttemptException>(() => Bench.Call(repeated, "put", "x"));
        Assert.Single(bench.Ran);
        budget.Reserve(new Usage(0, 0, 0, 1, 0m, 0));
    }

    [Fact]
    public void A_goal_that_has_used_its_time_starts_no_call() =>
        Assert.Throws<BudgetExceededException>(() => new GoalBudget(new Budget { Seconds = 10 }, new Usage(0, 0, 0, 0, 0m, 10)).Reserve(Most));
}

public sealed class AttemptRecordTests
{
    private readonly List<IReadOnlyList<GoalEvent>> posts = [];

    [Fact]
    public async Task Facts_travel_in_order_with_the_one_that_must_be_durable()
    {
        var record = new AttemptRecord(new Line(events => { posts.Add(events); return Task.FromResult<string?>(null); }));
        record.Add(new TimerFired("1"));
        record.Add(new TimerFired("2"));
        Assert.Empty(posts);
        await record.Commit(new TimerFired("3"));
        Assert.Equal(["1", "2", "3"], Assert.Single(posts).Cast<TimerFired>().Select(t => t.Timer));
    }

    [Fact]
    public async Task A_refusal_of_what_was_handed_over_shows_at_the_next_commit()
    {
        var answers = new Queue<TaskCompletionSource<string?>>([new(), new()]);
        var (first, second) = (answers.Peek(), answers.Last());
        var record = new AttemptRecord(new Line(events => { posts.Add(events); return answers.Dequeue().Task; }));
        record.Add(new TimerFired("1"));
        record.HandOver();
        record.HandOver();
        var commit = record.Commit(new TimerFired("2"));
        Assert.Equal(2, posts.Count);
        second.SetResult(null);
        Assert.False(commit.IsCompleted);
        first.SetResult("no longer wanted");
        Assert.Equal("no longer wanted", (await Assert.ThrowsAsync<StaleAttemptException>(() => commit)).Message);
    }

    [Fact]
    public async Task A_journal_that_is_away_is_told_to_who_commits()
    {
        var record = new AttemptRecord(new Line(_ => Task.FromException<string?>(new JournalUnavailableException("away"))));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => record.Commit(new TimerFired("1")));
    }
}

/// <summary>A line that a test answers.</summary>
internal sealed class Line(Func<IReadOnlyList<GoalEvent>, Task<string?>> post) : IGoalLine
{
    public Task<string?> Post(IReadOnlyList<GoalEvent> events) => post(events);

    public Task End(IReadOnlyList<GoalEvent> events, long seen) => post(events);
}
