using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Conformance;

/// <summary>What a journal must do where several hosts share it: refuse the writers that were retired, and say what is due.</summary>
public abstract class SharedJournalConformance
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>An empty journal that only this test uses, and its writers.</summary>
    protected abstract Task<(IJournal Journal, IWriterRegistry Writers)> Open();

    [Fact]
    public async Task A_retired_writer_appends_to_no_goal_and_the_others_go_on()
    {
        var (journal, writers) = await Open();
        await journal.Append(Append("goal-1", 0, "dead"), Ct);
        Assert.False(await writers.IsRetired("dead", Ct));

        await writers.Retire("dead", Ct);
        await writers.Retire("dead", Ct);
        Assert.True(await writers.IsRetired("dead", Ct));

        var refused = await Assert.ThrowsAsync<RetiredWriterException>(async () => await journal.Append(Append("goal-1", 1, "dead"), Ct));
        Assert.Equal("dead", refused.Writer);
        Assert.Equal("goal-1", refused.Goal.Value);
        await Assert.ThrowsAsync<RetiredWriterException>(async () => await journal.Append(Append("goal-2", 0, "dead") with { Summary = Summary("goal-2", GoalStatus.Running) }, Ct));
        Assert.Empty(await journal.Read(new("goal-2"), 0, Ct));
        Assert.Empty(await journal.Unfinished(Ct));

        await journal.Append(Append("goal-1", 1, "alive"), Ct);
        Assert.Equal(2, (await journal.Read(new("goal-1"), 0, Ct)).Count);
    }

    [Fact]
    public async Task A_writer_can_be_retired_before_it_ever_wrote()
    {
        var (journal, writers) = await Open();
        await writers.Retire("never-seen", Ct);
        await Assert.ThrowsAsync<RetiredWriterException>(async () => await journal.Append(Append("goal-1", 0, "never-seen"), Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => writers.Retire("", Ct));
    }

    [Fact]
    public async Task A_retired_writer_does_not_even_hear_that_an_append_had_gone_in()
    {
        var (journal, writers) = await Open();
        var append = Append("goal-1", 0, "dead");
        await journal.Append(append, Ct);
        await journal.Append(append, Ct);
        await writers.Retire("dead", Ct);
        await Assert.ThrowsAsync<RetiredWriterException>(async () => await journal.Append(append, Ct));
    }

    [Fact]
    public async Task What_is_read_after_a_writer_was_retired_under_load_is_all_it_ever_wrote()
    {
        var (journal, writers) = await Open();
        for (var round = 0; round < 10; round++)
        {
            var writer = $"writer-{round}";
            GoalId[] goals = [.. Enumerable.Range(0, 16).Select(g => new GoalId($"goal-{round}-{g}"))];
            var appended = 0;
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var load = Task.WhenAll(goals.Select(goal => Task.Run(async () =>
            {
                for (var expected = 0; ; expected++)
                {
                    try
                    {
                        await journal.Append(Append(goal.Value, expected, writer), Ct);
                    }
                    catch (RetiredWriterException)
                    {
                        return expected;
                    }
                    if (Interlocked.Increment(ref appended) == 64) enough.SetResult();
                }
            })));

            await enough.Task;
            await writers.Retire(writer, Ct);
            var read = await Task.WhenAll(goals.Select(goal => journal.Read(goal, 0, Ct)));
            var acknowledged = await load;
            var final = await Task.WhenAll(goals.Select(goal => journal.Read(goal, 0, Ct)));
            Assert.Equal(read.Select(r => r.Count), final.Select(r => r.Count));
            Assert.All(goals.Index(), g => Assert.InRange(acknowledged[g.Index], 0, final[g.Index].Count));
        }
    }

    [Fact]
    public async Task Due_is_what_moves_and_what_waits_up_to_its_deadline()
    {
        var (journal, _) = await Open();
        foreach (var status in Enum.GetValues<GoalStatus>())
        {
            await List($"{status}-no-deadline", status, null);
            await List($"{status}-soon", status, Noon.AddMinutes(1));
            await List($"{status}-late", status, Noon.AddDays(3));
        }
        // Later lines replace earlier ones.
        await List("answered", GoalStatus.Waiting, null);
        await journal.Append(Append("answered", 1, "w") with { Summary = Summary("answered", GoalStatus.Running) }, Ct);
        await List("ended", GoalStatus.Waiting, Noon);
        await journal.Append(Append("ended", 1, "w") with { Summary = Summary("ended", GoalStatus.Failed) with { Deadline = Noon } }, Ct);

        string[] moving = ["Planning-late", "Planning-no-deadline", "Planning-soon", "Running-late", "Running-no-deadline", "Running-soon"];
        Assert.Equal([.. moving, "answered"], await Due(new(Noon)));
        Assert.Equal([.. moving, "Waiting-soon", "answered"], await Due(new(Noon.AddMinutes(1))));
        Assert.Equal([.. moving, "Waiting-late", "Waiting-soon", "answered"], await Due(new(Noon.AddDays(4))));

        async Task List(string goal, GoalStatus status, DateTimeOffset? deadline) =>
            await journal.Append(Append(goal, 0, "w") with { Summary = Summary(goal, status) with { Deadline = deadline } }, Ct);

        async Task<IEnumerable<string>> Due(DueQuery query) => (await journal.Due(query, Ct)).Select(g => g.Value);
    }

    [Fact]
    public async Task Sweepers_share_what_is_due_by_bucket_and_page_through_it()
    {
        var (journal, _) = await Open();
        string[] goals = [.. Enumerable.Range(0, 60).Select(n => $"goal-{n:d4}")];
        foreach (var (n, goal) in goals.Index())
            await journal.Append(Append(goal, 0, "w") with { Summary = Summary(goal, n % 3 == 0 ? GoalStatus.Waiting : GoalStatus.Running) with { Deadline = Noon } }, Ct);

        List<string> all = [];
        for (var bucket = 0; bucket < 4; bucket++)
        {
            List<string> mine = [];
            GoalId? after = null;
            while (await journal.Due(new(Noon, bucket, 4, 7, after), Ct) is { Count: > 0 } page)
            {
                Assert.True(page.Count <= 7);
                mine.AddRange(page.Select(g => g.Value));
                after = page[^1];
            }
            Assert.Equal(mine.Order(StringComparer.Ordinal), mine);
            all.AddRange(mine);
        }
        Assert.Equal(goals, all.Order(StringComparer.Ordinal));

        await Assert.ThrowsAsync<ArgumentException>(() => journal.Due(new(Noon, 4, 4), Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => journal.Due(new(Noon, Limit: 0), Ct));
    }

    protected static JournalAppend Append(string goal, long expected, string writer) =>
        new(new(goal), expected, [new(expected + 1, Noon, new MessageReceived("tester", "x"))], null, writer);

    protected static GoalSummary Summary(string goal, GoalStatus status) => new(new(goal), "default", "text", status, Noon, Noon, 1);
}
