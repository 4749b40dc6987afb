using AgentMesh.Contracts;

namespace AgentMesh.Conformance;

/// <summary>What is derived with each append: the list of goals, what is unfinished, what was spent.</summary>
public abstract partial class JournalConformance
{
    [Fact]
    public async Task Unfinished_goals_come_oldest_first_and_leave_when_they_end()
    {
        var journal = await Open();
        var goals = Enumerable.Range(0, 4).Select(_ => NewGoal()).ToArray();
        // Submitted in the reverse order of their ids.
        for (var i = 0; i < goals.Length; i++)
            await journal.Append(Append(goals[i], 0, "x") with { Summary = Summary(goals[i], GoalStatus.Running) with { SubmittedAt = Noon.AddMinutes(-i) } }, Ct);
        await journal.Append(Append(goals[1], 1, "x") with { Summary = Summary(goals[1], GoalStatus.Cancelled) }, Ct);
        await journal.Append(Append(goals[2], 1, "x") with { Summary = Summary(goals[2], GoalStatus.Waiting) with { SubmittedAt = Noon.AddMinutes(-2) } }, Ct);

        Assert.Equal([goals[3], goals[2], goals[0]], await journal.Unfinished(Ct));
    }

    [Fact]
    public async Task The_list_pages_newest_first_and_filters()
    {
        var journal = await Open();
        var goals = Enumerable.Range(0, 25).Select(_ => NewGoal()).ToArray();
        for (var i = 0; i < goals.Length; i++)
            await journal.Append(Append(goals[i], 0, "x") with
            {
                Summary = Summary(goals[i], (GoalStatus)(i % 6)) with { Tenant = i % 2 == 0 ? "even" : "odd" },
            }, Ct);

        var paged = new List<GoalId>();
        GoalId? before = null;
        while (await journal.List(new(Limit: 10, Before: before), Ct) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 10);
            paged.AddRange(page.Select(s => s.Goal));
            before = page[^1].Goal;
        }
        Assert.Equal(goals.Reverse(), paged);

        Assert.Equal([24, 22, 20], (await journal.List(new("even", Limit: 3), Ct)).Select(s => Array.IndexOf(goals, s.Goal)));
        Assert.Equal([22, 16, 10, 4], (await journal.List(new(Statuses: [GoalStatus.Failed]), Ct)).Select(s => Array.IndexOf(goals, s.Goal)));
        Assert.Equal([19, 13, 7, 1], (await journal.List(new("odd", [GoalStatus.Running]), Ct)).Select(s => Array.IndexOf(goals, s.Goal)));
        Assert.Equal([22, 19, 16], (await journal.List(new(Statuses: [GoalStatus.Running, GoalStatus.Failed], Limit: 3), Ct)).Select(s => Array.IndexOf(goals, s.Goal)));
        Assert.Empty(await journal.List(new("nobody"), Ct));
    }

    [Fact]
    public async Task The_list_is_by_time_of_submission_whatever_the_ids()
    {
        var journal = await Open();
        string[] ids = ["b", "a", "d", "c"];
        for (var i = 0; i < ids.Length; i++)
            await journal.Append(Append(new(ids[i]), 0, "x") with { Summary = Summary(new(ids[i]), i == 2 ? GoalStatus.Failed : GoalStatus.Running) with { SubmittedAt = Noon.AddMinutes(i / 2) } }, Ct);

        Assert.Equal(["d", "c", "b", "a"], await Ids(new()));
        Assert.Equal(["b", "a"], await Ids(new(Before: new("c"))));
        Assert.Equal(["c", "b"], await Ids(new(Statuses: [GoalStatus.Running, GoalStatus.Failed], Before: new("d"), Limit: 2)));
        Assert.Equal(["d", "c"], await Ids(new(Since: Noon.AddMinutes(1))));
        Assert.Empty(await Ids(new(Before: new("gone"))));

        async Task<IEnumerable<string>> Ids(GoalQuery query) => (await journal.List(query, Ct)).Select(s => s.Goal.Value);
    }

    [Fact]
    public async Task The_list_is_searched_by_words()
    {
        var journal = await Open();
        foreach (var (id, text) in new[] { ("mail", "Answer ann@example.com about order-4711."), ("late", "The ORDER is late (3.14 days)"), ("tokyo", "東京 O'Neill's 100%") })
            await journal.Append(Append(new(id), 0, "x") with { Summary = Summary(new(id), GoalStatus.Running) with { Text = text } }, Ct);

        foreach (var (text, found) in new[]
        {
            ("order", "mail,late"), ("4711", "mail"), ("example.COM ORD", "mail"), ("late order", "late"), ("rder", "mail,late"), ("東", "tokyo"),
            ("o'neill", "tokyo"), ("100%", "tokyo"), ("1_0", ""), ("\\", ""), (" ", "tokyo,mail,late"), ("order zz", ""),
        })
            Assert.Equal((text, found), (text, string.Join(',', (await journal.List(new(Text: text), Ct)).Select(s => s.Goal.Value).OrderDescending(StringComparer.Ordinal))));
    }

    [Fact]
    public async Task Goals_that_ask_something_are_listed_and_leave_with_the_answer_and_the_end()
    {
        var journal = await Open();
        await Put("moves", 0, GoalStatus.Running, 0);
        await Put("moves-and-asks", 0, GoalStatus.Running, 2);
        await Put("waits", 0, GoalStatus.Waiting, 1);
        await Put("waits-unsaid", 0, GoalStatus.Waiting, 0);
        await Put("over", 0, GoalStatus.Cancelled, 1);
        Assert.Equal(["waits-unsaid", "waits", "moves-and-asks"], (await journal.List(new(Asking: true), Ct)).Select(s => s.Goal.Value));
        await Put("waits", 1, GoalStatus.Running, 0);
        Assert.Equal(["waits-unsaid", "moves-and-asks"], (await journal.List(new(Asking: true, Tenant: "default"), Ct)).Select(s => s.Goal.Value));
        Assert.Equal(2, (await journal.List(new(Asking: true), Ct))[^1].Asks);

        async Task Put(string goal, long after, GoalStatus status, int asks) =>
            await journal.Append(Append(new(goal), after, "x") with { Summary = Summary(new(goal), status) with { Asks = asks } }, Ct);
    }

    [Fact]
    public async Task Usage_adds_up_by_day_tenant_and_model()
    {
        var journal = await Open();
        var usage = Usage(journal);
        var model = new Usage(2, 100, 10, 0, 0.25m, 1.5);
        var tools = new Usage(0, 0, 0, 3, 0m, 0.5);
        await Put("a", "acme", 0, GoalStatus.Completed, [new("m\0", model), new(null, tools)]);
        await Put("b", "acme", 1, GoalStatus.Failed, [new("m\ufffd", model), new("a", model)]);
        await Put("c", "other", 0, GoalStatus.Running, null);
        await Put("d", "acme", 24, GoalStatus.Cancelled, [new(null, tools)]);

        var day = DateOnly.FromDateTime(Noon.UtcDateTime);
        var all = await usage.Read(new(day, day.AddDays(1)), Ct);
        Assert.Equal([(day, "acme", 2, 1, 1, 0), (day, "other", 1, 0, 0, 0), (day.AddDays(1), "acme", 1, 0, 0, 1)], all.Select(d => (d.Day, d.Tenant, d.Goals, d.Completed, d.Failed, d.Cancelled)));
        Assert.Equal([(null, tools), ("a", model)], all[0].Spent.Take(2).Select(s => (s.Model, s.Usage)));
        Assert.Equal(4, all[0].Spent.Skip(2).Sum(s => s.Usage.ModelCalls));
        Assert.Empty(all[1].Spent);
        Assert.Equal(day, Assert.Single(await usage.Read(new(day, day, "other"), Ct)).Day);
        Assert.Empty(await usage.Read(new(day.AddDays(2), DateOnly.MaxValue), Ct));

        async Task Put(string goal, string tenant, int hours, GoalStatus status, IReadOnlyList<ModelUsage>? spent) => await journal.Append(
            Append(new(goal), 0, "x") with { Summary = Summary(new(goal), status) with { Tenant = tenant, SubmittedAt = Noon.AddHours(hours), Spent = spent } }, Ct);
    }

    [Fact]
    public async Task A_summary_comes_back_as_it_was_last_written()
    {
        var journal = await Open();
        var goal = NewGoal();
        await journal.Append(Append(goal, 0, "x") with { Summary = Summary(goal, GoalStatus.Planning) }, Ct);
        var last = Summary(goal, GoalStatus.Completed) with { Text = "Grüße", UpdatedAt = Noon.AddHours(1), LastSequence = 2 };
        await journal.Append(Append(goal, 1, "y") with { Summary = last }, Ct);
        Assert.Equal(last, Assert.Single(await journal.List(new(), Ct)));
    }
}
