using System.Text.Json;

namespace AgentMesh.Contracts.Tests;

public sealed class MeshJsonTests
{
    private static readonly PlanStep Step = new()
    {
        Id = new StepId("a"), Role = "writer", Instruction = "Write.", Produces = "reply", Inputs = [new ArtifactId("in-1")], Retry = RetryPolicy.Once, Optional = true, Depth = 2,
    };

    public static TheoryData<GoalEvent> Events => new()
    {
        new GoalSubmitted(new GoalId("g"), new GoalSpec { Text = "Do.", Constraints = new GoalConstraints { MaxReplans = 0, Timeout = TimeSpan.FromMinutes(5) } }),
        new PlanAccepted(new Plan { Version = 1, Steps = [Step], Deliver = [new ArtifactId("a")], Proposer = "typed", Why = new Rationale("It fits.", ["another"], ["in-1"]) }),
        new PlanRejected(2, ["No role can do it."], new Usage(1, 2, 3, 0, 0.5m, 0.1)),
        new ReplanRequested(2, Rationale.Because("It failed.")),
        new StepStarted(new StepId("a"), 1, AgentId.Of(new GoalId("g"), "writer", 1)),
        new StepFailed(new StepId("a"), 1, FailureKind.Transient, "It is down."),
        new StepSkipped(new StepId("a"), "No input."),
        new RetryScheduled(new StepId("a"), 2, DateTimeOffset.UnixEpoch),
        new StepsSpawned(new StepId("a"), 1, [Step], Rationale.Because("Too much for one.")),
        new StepSuspended(new StepId("a"), 1, new RequestId("r")),
        new ToolUnknown(new StepId("a"), new CallId("a/1"), "ticket.create", "No answer."),
        new ApprovalDecided(new RequestId("r"), ApprovalVerdict.Rejected, "ann", "wrong customer"),
        new QuestionAsked(new RequestId("q"), null, "Which?", ["this", "that"]),
        new QuestionAnswered(new RequestId("q"), "ann", "this"),
        new MessageReceived("ann", "It is urgent \0 \uD83D\uDE00."),
        new TimerFired("deadline"),
        new CancelRequested("ann", "duplicate"),
        new GoalEnded(GoalStatus.Completed, "All steps are done.", [new ArtifactId("a")]),
    };

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_reads_back_as_it_was_written(GoalEvent written)
    {
        var json = JsonSerializer.Serialize(written, MeshJson.Default.GoalEvent);
        var read = JsonSerializer.Deserialize(json, MeshJson.Default.GoalEvent)!;
        Assert.Equal(written.GetType(), read.GetType());
        Assert.Equal(json, JsonSerializer.Serialize(read, MeshJson.Default.GoalEvent));
    }

    [Fact]
    public void Defaults_are_left_out_and_come_back()
    {
        var json = JsonSerializer.Serialize(Step with { Retry = RetryPolicy.Default, Optional = false }, PlanJson());
        Assert.DoesNotContain("retry", json, StringComparison.Ordinal);
        Assert.DoesNotContain("optional", json, StringComparison.Ordinal);
        Assert.Equal(RetryPolicy.Default, JsonSerializer.Deserialize(json, PlanJson())!.Retry);
        Assert.Equal(RetryPolicy.Once, JsonSerializer.Deserialize(JsonSerializer.Serialize(Step, PlanJson()), PlanJson())!.Retry);
    }

    [Fact]
    public void A_limit_of_zero_is_not_a_default()
    {
        var spec = new GoalSpec { Text = "Do.", Constraints = new GoalConstraints { MaxReplans = 0 } };
        var read = JsonSerializer.Deserialize(JsonSerializer.Serialize(spec, MeshJson.Default.GoalSpec), MeshJson.Default.GoalSpec)!;
        Assert.Equal(0, read.Constraints.MaxReplans);
    }

    [Theory]
    [InlineData("\"It fits.\"", "It fits.", 0, 0)]
    [InlineData("""{"reason":"It fits.","alternatives":["b"],"evidence":["x","y"]}""", "It fits.", 1, 2)]
    [InlineData("""{"reason":"It fits.","later":{"added":[1]}}""", "It fits.", 0, 0)]
    public void A_rationale_reads_in_each_of_its_forms(string json, string reason, int alternatives, int evidence)
    {
        var why = JsonSerializer.Deserialize($$"""{"type":"plan.requested","version":2,"why":{{json}}}""", MeshJson.Default.GoalEvent);
        var read = Assert.IsType<ReplanRequested>(why).Why;
        Assert.Equal((reason, alternatives, evidence), (read.Reason, read.Alternatives.Count, read.Evidence.Count));
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":""")]
    [InlineData("")]
    public void What_is_no_clean_JSON_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => MeshJson.Parse(json));

    [Fact]
    public void An_unknown_event_is_refused_rather_than_read_as_another() =>
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize("""{"type":"no.such"}""", MeshJson.Default.GoalEvent));

    private static System.Text.Json.Serialization.Metadata.JsonTypeInfo<PlanStep> PlanJson() =>
        (System.Text.Json.Serialization.Metadata.JsonTypeInfo<PlanStep>)MeshJson.Default.GetTypeInfo(typeof(PlanStep))!;
}
