using System.Collections.Immutable;
using AgentMesh.Contracts;

namespace AgentMesh.Orchestration.Tests;

/// <summary>A goal driven by hand: admitted events in, state and commands out.</summary>
internal sealed class Given
{
    public static readonly GoalId Goal = new("g");
    public static readonly AgentId Agent = new("g/worker/1");
    private static readonly Rationale Why = Rationale.Because("test");
    private DateTimeOffset now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public GoalState? State { get; private set; }
    public List<JournalEntry> Journal { get; } = [];
    public ImmutableArray<Command> Commands { get; private set; } = [];

    public static Given Submitted(GoalConstraints? limits = null)
    {
        var given = new Given();
        given.Then(new GoalSubmitted(Goal, new GoalSpec
        {
            Text = "work", Constraints = limits ?? new GoalConstraints(),
            Inputs = [new Artifact { Id = new("in-1"), Kind = "note", Origin = new Origin(null, null, null) }],
        }));
        return given;
    }

    public static Given Planned(params PlanStep[] steps) => Submitted().Then(new PlanAccepted(Plan(1, steps)));

    public static PlanStep Step(string id, params string[] inputs) => new()
    {
        Id = new(id), Role = "worker", Instruction = "work", Produces = "note", Inputs = [.. inputs.Select(i => new ArtifactId(i))],
    };

    public static Plan Plan(int version, params PlanStep[] steps) =>
        new() { Version = version, Steps = steps, Deliver = [steps[^1].Id.Artifact], Proposer = "test", Why = Why };

    public static StepCompleted Completed(string step, int attempt = 1, string value = """{"label":"a"}""") => new(
        new(step), attempt, new Artifact { Id = new(step), Kind = "note", Value = MeshJson.Parse(value), Origin = new Origin(new(step), null, "rules") }, 1, "rules", Why);

    public static StepFailed Failed(string step, int attempt = 1, FailureKind kind = FailureKind.Transient) => new(new(step), attempt, kind, "broke");

    public static ToolClaimed Claimed(string step, int call, int attempt = 1, string tool = "act") =>
        new(new(step), attempt, CallId.Of(new(step), call), tool, ToolEffect.Once, MeshJson.Parse("{}"), $"g/{step}/{call}");

    public static ToolReturned Returned(string step, int call, int attempt = 1) =>
        new(new(step), attempt, CallId.Of(new(step), call), "act", MeshJson.Parse("{}"), MeshJson.Parse("1"), null, Trust.Trusted, 0.1);

    public static ApprovalRequested Approval(string step, string request, int version = 1) =>
        new(new(request), new(step), CallId.Of(new(step), 1), "act", MeshJson.Parse("{}"), version, [], "always");

    public static StepSuspended Suspended(string step, string request, int attempt = 1) => new(new(step), attempt, new(request));

    public string? Refusal(GoalEvent e) => Admission.Refuse(State, e);

    /// <summary>The event must be admitted; what the machine decides on it is recorded as the driver would.</summary>
    public Given Then(GoalEvent e)
    {
        Assert.Null(Refusal(e));
        var commands = ImmutableArray.CreateBuilder<Command>();
        var pending = new Queue<GoalEvent>([e]);
        while (pending.TryDequeue(out var next))
        {
            now += TimeSpan.FromSeconds(1);
            var entry = new JournalEntry(Journal.Count + 1, now, next);
            (State, var asked) = GoalMachine.Step(State, entry);
            Journal.Add(entry);
            foreach (var command in asked)
            {
                if (command is Command.Record record) pending.Enqueue(record.Event);
                else commands.Add(command);
            }
        }

        Commands = commands.DrainToImmutable();
        return this;
    }

    public StepStatus Status(string step) => State!.Step(new(step))!.Status;
}
