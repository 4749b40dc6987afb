using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Runtime.Tests;

/// <summary>One goal with one running step, a journal that is a list, and everything that an attempt needs to make calls.</summary>
internal sealed class Bench
{
    public static readonly GoalId Goal = new("g");
    public static readonly StepId Step = new("a");
    private readonly List<ITool> tools = [];

    public TimeProvider Time { get; init; } = TimeProvider.System;
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>Ends an attempt while it settles what was open before.</summary>
    public CancellationToken Stop { get; set; }

    public Bench(ApprovalMode approvals = ApprovalMode.Ask, Budget? budget = null, Trust input = Trust.User)
    {
        Post([new GoalSubmitted(Goal, new GoalSpec
        {
            Text = "work",
            Inputs = [new Artifact { Id = new("in-1"), Kind = "note", Value = MeshJson.Parse("{}"), Trust = input, Origin = new Origin(null, null, null) }],
            Constraints = new GoalConstraints { Approvals = approvals, Budget = budget ?? Budget.Unlimited },
        })]);
        Accept(1);
    }

    public GoalState? State { get; private set; }
    public List<GoalEvent> Journal { get; } = [];
    public List<string> Ran { get; } = [];

    public static readonly ToolException Lost = new(FailureKind.Transient, "the answer was lost", effectPossible: true);

    public static Task<ToolAnswer> Call(AgentCalls calls, string tool, string text) => calls.Call(tool, Arguments(text), CancellationToken.None);

    public static JsonElement Arguments(string text) => MeshJson.Parse($$"""{"text":"{{text}}"}""");

    public string? Post(IReadOnlyList<GoalEvent> events)
    {
        foreach (var e in events)
        {
            if (Admission.Refuse(State, e) is { } refusal) return refusal;
            var pending = new Queue<GoalEvent>([e]);
            while (pending.TryDequeue(out var next))
            {
                (State, var commands) = GoalMachine.Step(State, new JournalEntry((State?.Sequence ?? 0) + 1, default, next));
                Journal.Add(next);
                foreach (var record in commands.OfType<Command.Record>()) pending.Enqueue(record.Event);
            }
        }

        return null;
    }

    /// <summary>A plan version that keeps the one step.</summary>
    public void Accept(int version) => Assert.Null(Post([new PlanAccepted(new Plan
    {
        Version = version, Proposer = "test", Why = Rationale.Because("test"), Deliver = [Step.Artifact],
        Steps = [new PlanStep { Id = Step, Role = "worker", Instruction = "work", Produces = "note", Inputs = [new("in-1")] }],
    })]));

    public FakeTool Tool(string name, ToolEffect effect, ToolApproval approval = ToolApproval.Never, Func<ToolCall, ToolResult>? run = null, Func<Reconciliation>? probe = null,
        JsonElement? result = null)
    {
        var descriptor = new ToolDescriptor
        {
            Name = name, Description = name, Effect = effect, Approval = approval, Returns = Trust.Trusted, Result = result,
            Parameters = MeshJson.Parse("""{"type":"object","properties":{"text":{"type":"string"},"level":{"enum":["low","high"]}},"additionalProperties":false}"""),
        };
        var tool = probe is null ? new FakeTool(descriptor, this, run) : new ProbedTool(descriptor, this, run, probe);
        tools.Add(tool);
        return tool;
    }

    /// <summary>An attempt at the step as it stands now; what was open before it is settled, as the runner does first.</summary>
    public async Task<AgentCalls> Attempt(GoalBudget? budget = null)
    {
        var step = State!.Step(Step)!;
        var role = new RoleDescriptor { Name = "worker", Purpose = "works", Tools = [.. tools.Select(t => t.Descriptor.Name)] };
        var work = new StepWork(Goal, State.Spec, step.Definition, role, step.Agent!.Value, step.Attempt, [.. State.Artifacts], [], [], []);
        var calls = new AgentCalls(
            State, work, new AttemptRecord(new Line(events => Task.FromResult(Post(events)))), new Toolbox(tools), NoModels.Instance,
            budget ?? new GoalBudget(State.Spec.Constraints.Budget, State.Usage), new RuntimeOptions(), Time, Log);
        await calls.SettleOpenClaims(Stop);
        return calls;
    }

    internal class FakeTool(ToolDescriptor descriptor, Bench bench, Func<ToolCall, ToolResult>? run) : ITool
    {
        public ToolDescriptor Descriptor => descriptor;

        public Func<ToolCall, ToolResult>? Run { get; set; } = run;

        public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
        {
            bench.Ran.Add($"{call.Key} {call.Arguments}");
            return Task.FromResult(Run?.Invoke(call) ?? new ToolResult(MeshJson.Parse("""{"done":true}""")));
        }
    }

    private sealed class ProbedTool(ToolDescriptor descriptor, Bench bench, Func<ToolCall, ToolResult>? run, Func<Reconciliation> found)
        : FakeTool(descriptor, bench, run), IReconcilableTool
    {
        public Task<Reconciliation> Reconcile(ToolCall call, CancellationToken ct) => Task.FromResult(found());
    }
}
