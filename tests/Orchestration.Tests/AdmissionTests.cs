using AgentMesh.Contracts;

namespace AgentMesh.Orchestration.Tests;

public sealed class AdmissionTests
{
    private static readonly Rationale Why = Rationale.Because("test");

    public static TheoryData<string, GoalEvent> RefusedWhileRunning => new()
    {
        { "submitted already", new GoalSubmitted(Given.Goal, new GoalSpec { Text = "again" }) },
        { "not being made", new PlanAccepted(Given.Plan(2, Given.Step("z"))) },
        { "not being made", new PlanRejected(2, []) },
        { "not Running", Given.Completed("b") },
        { "no step z", Given.Completed("z") },
        { "at attempt 1, not 2", Given.Completed("a", attempt: 2) },
        { "makes artifact a", Given.Completed("a") with { Artifact = Given.Completed("b").Artifact } },
        { "at attempt 1, not 2", Given.Failed("a", attempt: 2) },
        { "Nothing to spawn", new StepsSpawned(new("a"), 1, [], Why) },
        { "exists already", new StepsSpawned(new("a"), 1, [Given.Step("b")], Why) },
        { "id of an artifact", new StepsSpawned(new("a"), 1, [Given.Step("in-1")], Why) },
        { "not exist", new StepsSpawned(new("a"), 1, [Given.Step("h", "nowhere")], Why) },
        { "48 steps", new StepsSpawned(new("a"), 1, [.. Enumerable.Range(0, 48).Select(i => Given.Step($"h{i}"))], Why) },
        { "recorded already", Given.Claimed("a", 1) },
        { "its receipt already", Given.Returned("a", 1) },
        { "no open claim", new ToolUnknown(new("a"), new("a/1"), "act", "lost") },
        { "Nothing was asked", Given.Suspended("a", "nobody-asked") },
        { "asked already", Given.Approval("a", "r") },
        { "not Running", Given.Approval("b", "r2") },
        { "Nothing was asked", new ApprovalDecided(new("x"), ApprovalVerdict.Approved, "ann") },
        { "is a question", new ApprovalDecided(new("q"), ApprovalVerdict.Approved, "ann") },
        { "is an approval", new QuestionAnswered(new("r"), "ann", "yes") },
        { "one of: yes, no", new QuestionAnswered(new("q"), "ann", "perhaps") },
        { "no deadline", new TimerFired(Timers.Deadline) },
        { "not ending", new TimerFired(Timers.Grace) },
        { "Nothing waits", new TimerFired(Timers.Retry(new("a"), 2)) },
        { "own decision", new StepStarted(new("b"), 1, Given.Agent) },
        { "own decision", new StepSkipped(new("b"), "no") },
        { "own decision", new GoalEnded(GoalStatus.Completed, "done", []) },
        { "own decision", new RetryScheduled(new("a"), 2, default) },
        { "own decision", new ReplanRequested(2, Why) },
    };

    [Theory]
    [MemberData(nameof(RefusedWhileRunning))]
    public void Is_refused_with_a_reason(string reason, GoalEvent e)
    {
        var given = Given.Planned(Given.Step("a"), Given.Step("b", "a")).Then(Given.Claimed("a", 1)).Then(Given.Returned("a", 1))
            .Then(Given.Approval("a", "r")).Then(new QuestionAsked(new("q"), new("a"), "Well?", ["yes", "no"]));
        Assert.Contains(reason, Replaced(given.Refusal(e)), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_comes_before_the_submission_or_after_the_end()
    {
        Assert.NotNull(Admission.Refuse(null, Given.Completed("a")));
        var ended = Given.Planned(Given.Step("a")).Then(Given.Completed("a"));
        foreach (var e in new GoalEvent[] { Given.Completed("a"), Given.Failed("a"), new CancelRequested("ann", "late"), new MessageReceived("ann", "late"), new TimerFired("x") })
            Assert.Contains("over", ended.Refusal(e), StringComparison.Ordinal);
    }

    [Fact]
    public void An_ending_goal_takes_receipts_and_ends_but_nothing_new()
    {
        var given = Given.Planned(Given.Step("a")).Then(Given.Claimed("a", 1)).Then(new CancelRequested("ann", "no"));
        Assert.Null(given.Refusal(Given.Returned("a", 1)));
        Assert.Null(given.Refusal(Given.Failed("a")));
        foreach (var e in new GoalEvent[]
        {
            Given.Claimed("a", 2), Given.Approval("a", "r"), new QuestionAsked(new("q"), new("a"), "Well?", []), new MessageReceived("ann", "late"),
            new CancelRequested("ann", "again"), new StepsSpawned(new("a"), 1, [Given.Step("h")], Why),
        })
            Assert.Contains("ending", given.Refusal(e), StringComparison.Ordinal);
    }

    [Fact]
    public void A_receipt_for_an_open_claim_is_taken_whatever_became_of_the_step()
    {
        var given = Given.Planned(Given.Step("a"), Given.Step("b")).Then(Given.Claimed("a", 1)).Then(new MessageReceived("ann", "news"));
        given.Then(new PlanAccepted(Given.Plan(2, Given.Step("b"))));
        Assert.Equal(StepStatus.Cancelled, given.Status("a"));
        Assert.Equal(CallStatus.Returned, given.Then(Given.Returned("a", 1)).State!.Step(new("a"))!.Calls[0].Status);
    }

    [Fact]
    public void Agents_spawn_no_deeper_than_the_goal_allows()
    {
        var given = Given.Submitted(new GoalConstraints { MaxDepth = 1 }).Then(new PlanAccepted(Given.Plan(1, Given.Step("a"))));
        Assert.Contains("1 deep", given.Refusal(new StepsSpawned(new("a"), 1, [Given.Step("h")], Why)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_spent_id_is_not_given_to_new_work()
    {
        var given = Given.Planned(Given.Step("a")).Then(Given.Failed("a", kind: FailureKind.Permanent));
        Assert.Contains("new id", given.Refusal(new PlanAccepted(Given.Plan(2, Given.Step("a")))), StringComparison.Ordinal);
    }

    // The validator words this one.
    private static string? Replaced(string? refusal) => refusal?.Replace("which no step makes and nobody submitted", "does not exist", StringComparison.Ordinal);
}
