using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>Approvals, questions, cancelling.</summary>
public abstract partial class MeshConformance
{
    private static readonly PlanStep Mails = Script.Step("a", "use mail hello; say done");

    private static ApprovalDecided Approve(ApprovalRequested asked) => new(asked.Request, ApprovalVerdict.Approved, "ann");

    [Fact(Timeout = Limit)]
    public async Task An_approved_call_is_made_once()
    {
        var goal = await Begin(Script.Goal(Mails));
        var asked = Assert.Single((await Waiting(goal)).OpenApprovals);
        Assert.Equal((ScriptTool.Mail, "hello"), (asked.Tool, asked.Arguments.GetProperty("text").GetString()));
        Assert.Empty(world.Effects(goal.Value));
        Assert.Equal(GoalStatus.Waiting, Assert.Single(await Mesh.List(new GoalQuery(Statuses: [GoalStatus.Waiting]), Ct)).Status);

        await Mesh.Decide(goal, Approve(asked), Ct);
        await Completed(goal);
        Assert.Equal(("hello", 1), world.Effects(goal.Value).Select(e => (e.Text, e.Times)).Single());
        Assert.Equal("mail hello done", await Text(goal, "a"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_rejected_call_is_not_made_and_the_agent_is_told()
    {
        var goal = await Begin(Script.Goal(Mails));
        var asked = Assert.Single((await Waiting(goal)).OpenApprovals);
        await Mesh.Decide(goal, new ApprovalDecided(asked.Request, ApprovalVerdict.Rejected, "ann", "too soon"), Ct);
        await Completed(goal);
        Assert.Empty(world.Effects(goal.Value));
        Assert.Equal("mail not: ann rejected mail: too soon done", await Text(goal, "a"));
    }

    [Fact(Timeout = Limit)]
    public async Task An_edited_call_is_made_with_the_new_arguments()
    {
        var goal = await Begin(Script.Goal(Mails));
        var asked = Assert.Single((await Waiting(goal)).OpenApprovals);
        var edit = new ApprovalDecided(asked.Request, ApprovalVerdict.Edited, "ann");
        Assert.Equal("arguments-missing", await Code(() => Mesh.Decide(goal, edit, Ct)));
        Assert.Equal("arguments-invalid", await Code(() => Mesh.Decide(goal, edit with { Arguments = MeshJson.Parse("""{"text":7}""") }, Ct)));
        Assert.Equal("verdict-invalid", await Code(() => Mesh.Decide(goal, edit with { Verdict = ApprovalVerdict.Withdrawn }, Ct)));
        await Mesh.Decide(goal, edit with { Arguments = MeshJson.Parse("""{"text":"good day"}""") }, Ct);
        await Completed(goal);
        Assert.Equal("good day", Assert.Single(world.Effects(goal.Value)).Text);
    }

    [Fact(Timeout = Limit)]
    public async Task Deciding_the_same_way_twice_is_no_error_and_otherwise_is()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "use mail hello; hold gate")));
        var asked = Assert.Single((await Waiting(goal)).OpenApprovals);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Mesh.Decide(goal, Approve(asked), Ct)));
        var otherwise = Approve(asked) with { Verdict = ApprovalVerdict.Rejected };
        Assert.Equal("request-closed", await Code(() => Mesh.Decide(goal, otherwise, Ct)));
        world.OpenGate($"{goal}/gate");
        var entries = await Whole(goal);
        await Mesh.Decide(goal, Approve(asked), Ct);
        Assert.Equal("request-closed", await Code(() => Mesh.Decide(goal, otherwise, Ct)));
        Assert.Single(Of<ApprovalDecided>(entries));
        Assert.Equal(1, Assert.Single(world.Effects(goal.Value)).Times);
        Assert.Equal("request-closed", await Code(() => Mesh.Decide(goal, Approve(asked) with { Request = new("never-asked") }, Ct)));
    }

    [Fact(Timeout = Limit)]
    public async Task Consent_given_or_refused_in_advance_asks_nobody()
    {
        var goal = await Begin(Script.Goal(Mails).With(c => c with { Approvals = ApprovalMode.Auto }));
        await Completed(goal);
        Assert.Single(world.Effects(goal.Value));

        var never = await Mesh.Submit(Script.Goal(Mails).With(c => c with { Approvals = ApprovalMode.Never }), ct: Ct);
        await Completed(never);
        Assert.Empty(world.Effects(never.Value));
    }

    [Fact(Timeout = Limit)]
    public async Task Several_approvals_wait_side_by_side_and_are_decided_in_any_order()
    {
        var goal = await Begin(Script.Goal(
            Script.Step("a", "use mail a"), Script.Step("b", "use mail b"), Script.Step("c", "use mail c"), Script.Step("d", "join", "a", "b", "c")));
        var asked = (await Waiting(goal)).OpenApprovals.OrderByDescending(x => x.Request.Value, StringComparer.Ordinal).ToList();
        Assert.Equal(3, asked.Count);
        foreach (var one in asked) await Mesh.Decide(goal, Approve(one), Ct);
        await Completed(goal);
        Assert.Equal("(mail a, mail b, mail c)", await Text(goal, "d"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_question_waits_for_its_answer()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "ask colour red blue; ask size")));
        var colour = Assert.Single((await Waiting(goal)).OpenQuestions);
        Assert.Equal(["red", "blue"], colour.Choices);
        Assert.Equal("request-closed", await Code(() => Mesh.Answer(goal, new QuestionAnswered(colour.Request, "ann", "green"), Ct)));
        var answer = new QuestionAnswered(colour.Request, "ann", "blue");
        await Mesh.Answer(goal, answer, Ct);
        await Mesh.Answer(goal, answer, Ct);
        var size = await Seen<QuestionAsked>(goal, q => q.Question == "size");
        Assert.Equal("request-closed", await Code(() => Mesh.Answer(goal, answer with { Answer = "red" }, Ct)));
        await Mesh.Answer(goal, new QuestionAnswered(size.Request, "ann", "small"), Ct);
        await Completed(goal);
        Assert.Equal("colour: blue size: small", await Text(goal, "a"));
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_plan_a_person_is_asked_and_the_answer_makes_one()
    {
        var goal = await Begin(Script.Goal([Script.Plan(Script.Step("a", "say hello", "nowhere"))]));
        var asked = Assert.Single((await Waiting(goal)).OpenQuestions);
        Assert.Null(asked.Step);
        await Mesh.Cancel(goal, new CancelRequested("ann", "I do not know either"), Ct);
        Assert.Equal(GoalStatus.Cancelled, (await End(goal)).Status);
    }

    [Fact(Timeout = Limit)]
    public async Task A_running_goal_is_cancelled_and_its_steps_are_stopped()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "hold never; use put x"), Script.Step("b", "hang 9"), Script.Step("c", "use put x", "a")));
        await world.Arrived($"{goal}/never", 1, Ct);
        await world.Arrived($"{goal}/b-hangs", 1, Ct);
        var cancel = new CancelRequested("ann", "not needed");
        await Mesh.Cancel(goal, cancel, Ct);
        await Mesh.Cancel(goal, cancel, Ct);
        var ended = await End(goal);
        Assert.Equal((GoalStatus.Cancelled, "ann cancelled it: not needed"), (ended.Status, ended.Reason));
        Assert.All((await Mesh.Get(goal, Ct)).Steps, s => Assert.Equal(StepStatus.Cancelled, s.Status));
        Assert.Empty(world.Effects(goal.Value));
        await Mesh.Cancel(goal, cancel, Ct);
        Assert.Equal("refused", await Code(() => Mesh.Tell(goal, new MessageReceived("ann", "hello?"), Ct)));
    }

    [Fact(Timeout = Limit)]
    public async Task A_waiting_goal_is_cancelled_and_its_request_with_it()
    {
        var goal = await Begin(Script.Goal(Mails));
        var asked = Assert.Single((await Waiting(goal)).OpenApprovals);
        await Mesh.Cancel(goal, new CancelRequested("ann", "not needed"), Ct);
        Assert.Equal(GoalStatus.Cancelled, (await End(goal)).Status);
        Assert.Equal("request-closed", await Code(() => Mesh.Decide(goal, Approve(asked), Ct)));
        Assert.Empty(world.Effects(goal.Value));

        var done = await Mesh.Submit(Script.Goal(Script.Step("a", "say hello")), ct: Ct);
        await Completed(done);
        Assert.Equal("goal-over", await Code(() => Mesh.Cancel(done, new CancelRequested("ann", "too late"), Ct)));
    }

    [Fact(Timeout = Limit)]
    public async Task An_approval_asked_under_an_older_plan_is_asked_again()
    {
        var goal = await Begin(Script.Goal(Script.Plan(Mails), Script.Plan(Mails, Script.Step("b", "join", "a"))));
        var old = Assert.Single((await Waiting(goal)).OpenApprovals);
        await Mesh.Tell(goal, new MessageReceived("ann", "and then b"), Ct);
        var anew = await Seen<ApprovalRequested>(goal, a => a.PlanVersion == 2);
        Assert.Equal("request-closed", await Code(() => Mesh.Decide(goal, Approve(old), Ct)));
        await Mesh.Decide(goal, Approve(anew), Ct);
        await Completed(goal);
        Assert.Equal(1, Assert.Single(world.Effects(goal.Value)).Times);
    }
}
