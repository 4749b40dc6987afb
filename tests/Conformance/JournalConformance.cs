using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Conformance;

/// <summary>What every journal must do, whoever implements it.</summary>
public abstract partial class JournalConformance
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 250, TimeSpan.Zero);
    private static int _goals;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>An empty journal that only this test uses.</summary>
    protected abstract Task<IJournal> Open();

    /// <summary>What the goals of that journal spent.</summary>
    protected abstract IUsage Usage(IJournal journal);

    [Fact]
    public async Task Entries_come_back_in_order_without_gaps()
    {
        var journal = await Open();
        var goal = NewGoal();
        await journal.Append(Append(goal, 0, "one", "two"), Ct);
        await journal.Append(Append(goal, 2, "three"), Ct);
        await journal.Append(Append(goal, 3, "four", "five", "six"), Ct);

        var entries = await journal.Read(goal, 0, Ct);
        Assert.Equal([1, 2, 3, 4, 5, 6], entries.Select(e => e.Sequence));
        Assert.Equal(["one", "two", "three", "four", "five", "six"], Texts(entries));
        Assert.All(entries, e => Assert.Equal(Noon, e.At));
    }

    [Theory]
    [InlineData(0, 6)]
    [InlineData(1, 5)]
    [InlineData(2, 4)]
    [InlineData(4, 2)]
    [InlineData(6, 0)]
    [InlineData(99, 0)]
    public async Task Reading_starts_after_any_sequence_also_inside_an_append(long after, int expected)
    {
        var journal = await Open();
        var goal = NewGoal();
        await journal.Append(Append(goal, 0, "1", "2"), Ct);
        await journal.Append(Append(goal, 2, "3"), Ct);
        await journal.Append(Append(goal, 3, "4", "5", "6"), Ct);
        await journal.Append(Append(NewGoal(), 0, "of another goal"), Ct);

        var entries = await journal.Read(goal, after, Ct);
        Assert.Equal(Enumerable.Range((int)after + 1, expected).Select(n => (long)n), entries.Select(e => e.Sequence));
        Assert.Equal(entries.Select(e => e.Sequence.ToString()), Texts(entries));
    }

    [Fact]
    public async Task An_unknown_goal_has_no_entries()
    {
        var journal = await Open();
        Assert.Empty(await journal.Read(NewGoal(), 0, Ct));
    }

    [Fact]
    public async Task Of_many_writers_with_the_same_view_exactly_one_wins()
    {
        var journal = await Open();
        var goal = NewGoal();
        await journal.Append(Append(goal, 0, "submitted"), Ct);
        for (var round = 1; round <= 10; round++)
        {
            var expected = round;
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Task.Run(async () =>
            {
                try
                {
                    await journal.Append(Append(goal, expected, $"round {expected}") with { Writer = $"writer-{n}" }, Ct);
                    return true;
                }
                catch (StaleWriterException stale)
                {
                    Assert.Equal(goal, stale.Goal);
                    return false;
                }
            })));
            Assert.Single(outcomes, won => won);
        }
        Assert.Equal(11, (await journal.Read(goal, 0, Ct)).Count);
    }

    [Fact]
    public async Task A_stale_append_leaves_nothing_not_even_its_summary()
    {
        var journal = await Open();
        var goal = NewGoal();
        await journal.Append(Append(goal, 0, "one") with { Summary = Summary(goal, GoalStatus.Running) }, Ct);
        await journal.Append(Append(goal, 1, "two", "three"), Ct);

        var stale = Append(goal, 1, "2", "3", "4") with { Writer = "old", Summary = Summary(goal, GoalStatus.Failed) };
        await Assert.ThrowsAsync<StaleWriterException>(async () => await journal.Append(stale, Ct));
        Assert.Equal(["one", "two", "three"], Texts(await journal.Read(goal, 0, Ct)));
        Assert.Equal(GoalStatus.Running, Assert.Single(await journal.List(new(), Ct)).Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task An_append_goes_nowhere_but_to_the_end(long expected)
    {
        var journal = await Open();
        var goal = NewGoal();
        await journal.Append(Append(goal, 0, "1", "2", "3"), Ct);

        await Assert.ThrowsAsync<StaleWriterException>(async () => await journal.Append(Append(goal, expected, "x") with { Writer = "other" }, Ct));
        Assert.Equal(["1", "2", "3"], Texts(await journal.Read(goal, 0, Ct)));
    }

    [Fact]
    public async Task A_repeated_append_is_recognised_as_done_by_writer_and_content()
    {
        var journal = await Open();
        var goal = NewGoal();
        var first = Append(goal, 0, "one", "two") with { Summary = Summary(goal, GoalStatus.Running) };
        await journal.Append(first, Ct);
        await journal.Append(first, Ct);
        await journal.Append(Append(goal, 2, "three"), Ct);
        await journal.Append(first, Ct);
        Assert.Equal(["one", "two", "three"], Texts(await journal.Read(goal, 0, Ct)));

        await Assert.ThrowsAsync<StaleWriterException>(async () => await journal.Append(first with { Writer = "another life" }, Ct));
        await Assert.ThrowsAsync<StaleWriterException>(async () => await journal.Append(Append(goal, 0, "one", "TWO"), Ct));
        await Assert.ThrowsAsync<StaleWriterException>(async () => await journal.Append(Append(goal, 0, "one"), Ct));
    }

    [Fact]
    public async Task An_append_that_breaks_the_rules_is_refused_at_once()
    {
        var journal = await Open();
        var goal = NewGoal();
        var good = Append(goal, 0, "one", "two");
        JournalAppend[] bad =
        [
            good with { Entries = [] },
            good with { Expected = -1 },
            good with { Expected = 1 },
            good with { Entries = [good.Entries[0], good.Entries[0]] },
            good with { Goal = new("") },
            good with { Goal = new("nul\0") },
            good with { Goal = new(new string('x', 201)) },
            good with { Summary = Summary(NewGoal(), GoalStatus.Running) },
        ];
        foreach (var append in bad) await Assert.ThrowsAsync<ArgumentException>(async () => await journal.Append(append, Ct));
        Assert.Empty(await journal.Read(goal, 0, Ct));
    }

    [Theory]
    [InlineData("NUL \0 inside")]
    [InlineData("Grüße, 你好, emoji 👩‍🔬, right-to-left שלום, combining é")]
    [InlineData("controls \u0001\u001f\u007f\u2028 and \"quotes\" \\ {} [] , :")]
    [InlineData("'; DROP TABLE journal; --")]
    [InlineData("")]
    public async Task Any_text_survives(string text)
    {
        var journal = await Open();
        var goal = NewGoal();
        var encoded = JsonEncodedText.Encode(text);
        var json = MeshJson.Parse($"{{\"key {encoded}\":\"{encoded}\"}}");
        var asked = new ToolReturned(new("s1"), 1, new("s1/1"), "t", json, json, null, Trust.Untrusted, 0.5);
        await journal.Append(new(goal, 0, [new(1, Noon, new MessageReceived("me", text)), new(2, Noon, asked)], Summary(goal, GoalStatus.Running) with { Text = "summary" }, "w"), Ct);

        var entries = await journal.Read(goal, 0, Ct);
        Assert.Equal(text, Assert.IsType<MessageReceived>(entries[0].Event).Text);
        Assert.Equal(json.GetRawText(), Assert.IsType<ToolReturned>(entries[1].Event).Arguments.GetRawText());
    }

    [Fact]
    public async Task A_summary_with_characters_that_cannot_be_stored_does_not_stop_the_append()
    {
        var journal = await Open();
        var goal = NewGoal();
        await journal.Append(Append(goal, 0, "x") with { Summary = Summary(goal, GoalStatus.Running) with { Text = "a\0b \ud800 c" } }, Ct);
        Assert.StartsWith("a", Assert.Single(await journal.List(new(), Ct)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deeply_nested_values_and_five_megabytes_survive()
    {
        var journal = await Open();
        var goal = NewGoal();
        var deep = MeshJson.Parse(new string('[', 64) + new string(']', 64));
        var big = new string('x', 5 * 1024 * 1024);
        await journal.Append(new(goal, 0,
        [
            new(1, Noon, new ToolReturned(new("s1"), 1, new("s1/1"), "t", deep, deep, null, Trust.Trusted, 0)),
            new(2, Noon, new MessageReceived("me", big)),
        ], null, "w"), Ct);

        var entries = await journal.Read(goal, 0, Ct);
        Assert.Equal(deep.GetRawText(), ((ToolReturned)entries[0].Event).Arguments.GetRawText());
        Assert.Equal(big, ((MessageReceived)entries[1].Event).Text);
    }

    [Fact]
    public async Task A_cancelled_token_stops_the_call_before_it_writes()
    {
        var journal = await Open();
        var goal = NewGoal();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await journal.Append(Append(goal, 0, "x"), cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => journal.Read(goal, 0, cancelled.Token));
        Assert.Empty(await journal.Read(goal, 0, Ct));
    }

    [Fact]
    public async Task Readers_beside_a_writer_see_whole_appends_in_order()
    {
        var journal = await Open();
        var goal = NewGoal();
        const int appends = 100;
        var writer = Task.Run(async () =>
        {
            for (var i = 0; i < appends; i++) await journal.Append(Append(goal, i * 3, "a", "b", "c"), Ct);
        }, Ct);

        var seen = 0;
        while (seen < appends * 3)
        {
            var entries = await journal.Read(goal, 0, Ct);
            Assert.Equal(Enumerable.Range(1, entries.Count).Select(n => (long)n), entries.Select(e => e.Sequence));
            Assert.True(entries.Count % 3 == 0 && entries.Count >= seen);
            seen = entries.Count;
            if (writer.IsFaulted) break;
        }
        await writer;
    }

    [Fact]
    public async Task Many_goals_side_by_side_all_get_theirs()
    {
        var journal = await Open();
        var goals = Enumerable.Range(0, 300).Select(_ => NewGoal()).ToArray();
        await Task.WhenAll(goals.Select(goal => Task.Run(async () =>
        {
            for (var i = 0; i < 5; i++) await journal.Append(Append(goal, i * 2, $"{goal} {i}", "x"), Ct);
        })));
        foreach (var goal in goals)
        {
            var entries = await journal.Read(goal, 0, Ct);
            Assert.Equal(10, entries.Count);
            Assert.Equal(Enumerable.Range(0, 5).Select(i => $"{goal} {i}"), Texts(entries).Where((_, i) => i % 2 == 0));
        }
    }

    protected static GoalId NewGoal() => new($"goal-{Interlocked.Increment(ref _goals):d8}");

    protected static JournalAppend Append(GoalId goal, long expected, params string[] texts) => new(
        goal, expected, [.. texts.Select((text, i) => new JournalEntry(expected + 1 + i, Noon, new MessageReceived("tester", text)))], null, "writer");

    protected static GoalSummary Summary(GoalId goal, GoalStatus status) => new(goal, "default", "text", status, Noon, Noon, 1);

    protected static IEnumerable<string> Texts(IEnumerable<JournalEntry> entries) => entries.Select(e => ((MessageReceived)e.Event).Text);
}
