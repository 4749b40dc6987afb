using System.Diagnostics;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Span = System.Diagnostics.Activity;

namespace AgentMesh.Runtime.Telemetry;

/// <summary>Spans of one goal's trace: its planning, its agents' attempts, and the goal as a whole. Each is null where nobody listens.</summary>
internal static class GoalSpans
{
    private const string Orchestrator = "orchestrator";

    public static Span? Attempt(GoalState state, StepState step, int number)
    {
        if (!GoalTrace.Source.HasListeners()) return null;
        var role = step.Definition.Role;
        var span = Begin(
            $"{GenAi.InvokeAgent} {role}", state,
            new(GenAi.Operation, GenAi.InvokeAgent), new(GenAi.Provider, GenAi.Mesh), new(GenAi.AgentName, role), new(GenAi.AgentId, step.Agent?.Value), new(GenAi.Conversation, state.Goal.Value));
        return span?.SetTag("agentmesh.step", step.Id.Value).SetTag("agentmesh.attempt", number).SetTag("agentmesh.plan.version", step.PlanVersion);
    }

    /// <summary>Ends the attempt's span, with how it ended and without what it said. Before the goal hears of it: nothing that follows may be over sooner.</summary>
    public static void End(this Span span, GoalEvent end)
    {
        var (outcome, error) = end switch
        {
            StepCompleted => ("completed", null),
            StepFailed failed => ("failed", Name(failed.Kind)),
            StepsSpawned => ("delegated", null),
            StepSuspended => ("suspended", null),
            _ => ("ended", default(string)),
        };
        span.SetTag("agentmesh.outcome", outcome);
        if (end is StepCompleted done) span.SetTag("agentmesh.tier", done.Tier).SetTag("agentmesh.confidence", done.Confidence);
        if (error is not null) span.Failed(error);
        span.Stop();
    }

    public static Span? Planning(GoalState state, int version, TelemetryOptions options)
    {
        if (!GoalTrace.Source.HasListeners()) return null;
        var span = options.Newest
            ? Begin($"{GenAi.Plan} {Orchestrator}", state, new(GenAi.Operation, GenAi.Plan), new(GenAi.AgentName, Orchestrator), new(GenAi.Conversation, state.Goal.Value))
            : Begin("plan", state, new KeyValuePair<string, object?>(GenAi.Conversation, state.Goal.Value));
        return span?.SetTag("agentmesh.plan.version", version);
    }

    /// <summary>An attempt outside any goal, for a caller who waits.</summary>
    public static Span? Direct(string role, string agent)
    {
        if (!GoalTrace.Source.HasListeners()) return null;
        // A caller that does not trace says nothing about us; one that traces and does not record this says no.
        if (Span.Current is { Recorded: false, HasRemoteParent: false }) Span.Current = null;
        return GoalTrace.Source.StartActivity(
            $"{GenAi.InvokeAgent} {role}", ActivityKind.Internal, default(ActivityContext),
            [new(GenAi.Operation, GenAi.InvokeAgent), new(GenAi.Provider, GenAi.Mesh), new(GenAi.AgentName, role), new(GenAi.AgentId, agent)]);
    }

    /// <summary>The whole goal, from its submit to its end; told once, by whoever put its end on record.</summary>
    public static void Whole(GoalState state, GoalEnded ended)
    {
        if (!GoalTrace.Source.HasListeners()) return;
        var workflow = state.Plan?.Proposer ?? "goal";
        using var span = GoalTrace.Source.StartActivity(
            $"{GenAi.InvokeWorkflow} {workflow}", ActivityKind.Internal, GoalTrace.Context(state.Goal, state.Spec),
            [new(GenAi.Operation, GenAi.InvokeWorkflow), new(GenAi.Workflow, workflow), new(GenAi.Conversation, state.Goal.Value)], startTime: state.SubmittedAt);
        if (span is null) return;
        span.SetTag("agentmesh.tenant", state.Spec.Tenant).SetTag("agentmesh.status", Name(ended.Status)).SetTag("agentmesh.steps", state.Steps.Length)
            .SetTag("agentmesh.plans", state.Plans.Length).SetTag("agentmesh.model_calls", state.Usage.ModelCalls).SetTag("agentmesh.tool_calls", state.Usage.ToolCalls);
        if (ended.Status == GoalStatus.Failed) span.Failed("goal_failed");
        span.SetEndTime(state.UpdatedAt.UtcDateTime);
    }

    /// <summary>Marks a span as failed, by a name of few values; what was said of it may hold what nobody may see.</summary>
    public static void Failed(this Span span, string error) => span.SetTag(GenAi.ErrorType, error).SetStatus(ActivityStatusCode.Error);

    public static string Name(FailureKind kind) => kind switch
    {
        FailureKind.Transient => "transient",
        FailureKind.Budget => "budget",
        FailureKind.Timeout => "timeout",
        _ => "permanent",
    };

    public static string Name(GoalStatus status) => status switch
    {
        GoalStatus.Completed => "completed",
        GoalStatus.Failed => "failed",
        _ => "cancelled",
    };

    private static Span? Begin(string name, GoalState state, params KeyValuePair<string, object?>[] tags) =>
        GoalTrace.Source.StartActivity(name, ActivityKind.Internal, GoalTrace.Context(state.Goal, state.Spec), tags);
}
