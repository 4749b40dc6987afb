using AgentMesh.Contracts;

namespace AgentMesh.ClusterCrash;

/// <summary>What was found in the journal and in the ticket service's own log. No silo is asked.</summary>
internal sealed class Judge
{
    private readonly Dictionary<string, List<TimeSpan>> resumed = new(StringComparer.Ordinal);

    public required int Acknowledged { get; init; }
    public required int Goals { get; init; }

    /// <summary>Acknowledged goals that the journal does not know.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    public required IReadOnlyList<string> NotCompleted { get; init; }

    /// <summary>Of these, the goals that failed.</summary>
    public required IReadOnlyList<string> Failed { get; init; }

    /// <summary>Questions whether a call took effect. A ticket has a key, so nobody need be asked.</summary>
    public List<string> AskedAboutCalls { get; } = [];

    /// <summary>Goals without exactly one ticket.</summary>
    public required IReadOnlyList<string> WrongTickets { get; init; }

    /// <summary>Requests for a ticket that the service had made already: repeated with their key, as a claim without a receipt is.</summary>
    public required int RepeatedRequests { get; init; }

    public int AskedTwice { get; private set; }

    /// <summary>Appends of a writer after it was retired, or after another took its goal over while it was away.</summary>
    public List<string> StaleAppends { get; } = [];

    /// <summary>Attempts beyond a step's first, and what made them necessary.</summary>
    public int FurtherAttempts { get; private set; }

    public Dictionary<string, int> FailedAttempts { get; } = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, DateTime> Retired { get; private init; } = new Dictionary<string, DateTime>(StringComparer.Ordinal);

    /// <summary>From each fault to the first append by another silo to a goal that the dead one left moving.</summary>
    public IReadOnlyList<TimeSpan> FirstResumed => [.. resumed.Values.Select(r => r.Min())];

    /// <summary>The same for each single goal.</summary>
    public IReadOnlyList<TimeSpan> EachResumed => [.. resumed.Values.SelectMany(r => r)];

    /// <summary>Commits of all appends, in order.</summary>
    public List<DateTime> Commits { get; } = [];

    public static async Task<Judge> Of(World world, Load load)
    {
        var statuses = await Journals.Statuses(world.Database);
        var created = await world.Tickets("created");
        var judge = new Judge
        {
            Acknowledged = load.Accepted.Count, Goals = statuses.Count,
            Lost = [.. load.Accepted.Select(g => g.Value).Where(g => !statuses.ContainsKey(g))],
            NotCompleted = [.. statuses.Where(g => g.Value != GoalStatus.Completed).Select(g => $"{g.Key} {g.Value}")],
            Failed = [.. statuses.Where(g => g.Value == GoalStatus.Failed).Select(g => g.Key)],
            WrongTickets = [.. statuses.Keys.Union(created.Keys, StringComparer.Ordinal).Where(g => created.GetValueOrDefault(g) != 1).Select(g => $"{g}: {created.GetValueOrDefault(g)}")],
            RepeatedRequests = (await world.Tickets("replayed")).Values.Sum(), Retired = await Journals.Retired(world.Database),
        };
        await Journals.Each(world.Database, (goal, appends) => judge.Look(goal, appends, world.Faults));
        judge.Commits.Sort();
        return judge;
    }

    public override string ToString() =>
        $"{Acknowledged} goals acknowledged, {Goals} in the journal; lost {Lost.Count}, not completed {NotCompleted.Count} (failed {Failed.Count}), without exactly one ticket {WrongTickets.Count}, "
        + $"approvals asked twice {AskedTwice}, people asked what became of a call {AskedAboutCalls.Count}, appends by a stale owner {StaleAppends.Count}; {Retired.Count} writers retired, {resumed.Values.Sum(r => r.Count)} goals taken over, "
        + $"{RepeatedRequests} ticket requests repeated with their key, {FurtherAttempts} further attempts"
        + string.Concat(FailedAttempts.OrderByDescending(f => f.Value).Take(5).Select(f => $"\n  failed attempts: {f.Value} × {f.Key}"));

    /// <summary>Nothing lost, nothing twice, nobody stale.</summary>
    public void MustBeSound(Load load)
    {
        Assert.Empty(load.Stuck);
        Assert.Empty(Lost);
        Assert.Empty(Failed);
        Assert.Empty(NotCompleted);
        Assert.Empty(AskedAboutCalls);
        Assert.Empty(WrongTickets);
        Assert.Equal(0, AskedTwice);
        Assert.Empty(StaleAppends);
        Assert.DoesNotContain(load.Troubles.Keys, t => t.Contains(": 500 ", StringComparison.Ordinal));
    }

    private void Look(string goal, IReadOnlyList<Append> appends, IReadOnlyDictionary<string, DateTimeOffset> faults)
    {
        var asked = appends.SelectMany(a => a.Events).OfType<ApprovalRequested>().Select(a => $"{a.Call}@{a.PlanVersion}").ToList();
        AskedTwice += asked.Count - asked.Distinct(StringComparer.Ordinal).Count();
        AskedAboutCalls.AddRange(appends.SelectMany(a => a.Events).OfType<QuestionAsked>().Where(q => q.Call is not null).Select(q => $"{goal}: {q.Question}"));
        FurtherAttempts += appends.SelectMany(a => a.Events).OfType<StepStarted>().Count(s => s.Attempt > 1);
        foreach (var failed in appends.SelectMany(a => a.Events).OfType<StepFailed>())
        {
            var why = $"{failed.Kind}: {failed.Error}";
            FailedAttempts[why] = FailedAttempts.GetValueOrDefault(why) + 1;
        }

        var takenFrom = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < appends.Count; i++)
        {
            var append = appends[i];
            Commits.Add(append.Commit);
            if (Retired.TryGetValue(append.Writer, out var at) && append.Commit > at) StaleAppends.Add($"{goal}: {append.Writer} at {append.Commit:O}, retired at {at:O}");
            if (takenFrom.Contains(append.Writer)) StaleAppends.Add($"{goal}: {append.Writer} at {append.Commit:O}, after another had taken over");
            if (i == 0 || appends[i - 1] is not { } before || before.Writer == append.Writer || !faults.TryGetValue(before.Silo, out var fault) || append.Commit < fault.UtcDateTime) continue;
            takenFrom.Add(before.Writer);
            if (!WaitsForPerson(before)) Resumed(before.Silo, append.Commit - fault.UtcDateTime);
        }
    }

    private void Resumed(string silo, TimeSpan after)
    {
        if (!resumed.TryGetValue(silo, out var times)) resumed[silo] = times = [];
        times.Add(after);
    }

    private static bool WaitsForPerson(Append append) => append.Events[^1] is ApprovalRequested or QuestionAsked or StepSuspended;
}
