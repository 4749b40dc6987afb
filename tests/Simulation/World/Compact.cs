using AgentMesh.Contracts;

namespace AgentMesh.Simulation;

/// <summary>Events in a few words, for the trace of a failed schedule.</summary>
internal static class Compact
{
    public static string Of(GoalEvent e) => e switch
    {
        PlanAccepted x => $"plan {x.Plan.Version}: {string.Join(" ", x.Plan.Steps.Select(s => $"{s.Id}({string.Join(",", s.Inputs)}){(s.Optional ? "?" : "")}{(s.When is null ? "" : $"[{s.When}]")}"))}",
        PlanRejected x => $"no plan {x.Version}: {string.Join(" ", x.Errors)}",
        ReplanRequested x => $"replan {x.Version}: {x.Why.Reason}",
        StepStarted x => $"{x.Step}#{x.Attempt} starts",
        StepCompleted x => $"{x.Step}#{x.Attempt} completes",
        StepFailed x => $"{x.Step}#{x.Attempt} fails ({x.Kind}): {x.Error}",
        StepSkipped x => $"{x.Step} skipped: {x.Reason}",
        RetryScheduled x => $"{x.Step}#{x.NextAttempt} at {x.DueAt:HH:mm:ss}",
        StepsSpawned x => $"{x.Parent}#{x.Attempt} spawns {string.Join(" ", x.Steps.Select(s => s.Id))}",
        StepSuspended x => $"{x.Step}#{x.Attempt} waits for {x.On}",
        ModelCalled x => $"{x.Call}#{x.Attempt} model {x.RequestHash}",
        ToolClaimed x => $"{x.Call}#{x.Attempt} claims {x.Tool} {x.Arguments}",
        ToolReturned x => $"{x.Call}#{x.Attempt} {x.Tool} returned {x.Error ?? "well"}{(x.Reconciled ? " (reconciled)" : "")}",
        ToolUnknown x => $"{x.Call} {x.Tool} unknown: {x.Reason}",
        ApprovalRequested x => $"{x.Request} for {x.Tool} {x.Arguments} under plan {x.PlanVersion}",
        ApprovalDecided x => $"{x.Request} {x.Verdict} {x.Arguments}",
        QuestionAsked x => $"{x.Request} of {x.Step}: {x.Question}",
        QuestionAnswered x => $"{x.Request} answered {x.Answer}",
        GoalEnded x => $"ended {x.Status}: {x.Reason}",
        _ => e.ToString(),
    };
}
