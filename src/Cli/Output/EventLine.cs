using AgentMesh.Contracts;

namespace AgentMesh.Cli.Output;

/// <summary>A journal entry as one line for people.</summary>
internal static class EventLine
{
    public static string Of(JournalEntry entry) => $"{entry.Sequence,4}  {entry.At.ToLocalTime():HH:mm:ss.fff}  {Words(entry.Event)}";

    public static string Words(GoalEvent e) => e switch
    {
        GoalSubmitted x => $"goal submitted: {One(x.Spec.Text)}",
        PlanAccepted x => $"plan {x.Plan.Version} by {x.Plan.Proposer}: {string.Join(", ", x.Plan.Steps.Select(s => s.Id.Value))}",
        PlanRejected x => $"no plan {x.Version}: {One(string.Join(" ", x.Errors))}",
        ReplanRequested x => $"replan, version {x.Version}: {One(x.Why.Reason)}",
        StepStarted x => $"{x.Step} started, attempt {x.Attempt}, by {ShortAgent(x.Agent)}",
        StepCompleted x => $"{x.Step} completed: {x.Artifact.Kind} by {x.Tier}, confidence {x.Confidence:0.00}",
        StepFailed x => $"{x.Step} failed, attempt {x.Attempt} ({x.Kind}): {One(x.Error)}",
        StepSkipped x => $"{x.Step} skipped: {One(x.Reason)}",
        RetryScheduled x => $"{x.Step} tries again at {x.DueAt.ToLocalTime():HH:mm:ss.fff}, attempt {x.NextAttempt}",
        StepsSpawned x => $"{x.Parent} asked for helpers: {string.Join(", ", x.Steps.Select(s => s.Id.Value))}",
        StepSuspended x => $"{x.Step} waits for {x.On}",
        ModelCalled x => $"{x.Step} asked {x.Model}: {x.Usage.InputTokens} + {x.Usage.OutputTokens} tokens, {x.Usage.Seconds:0.0} s",
        ToolClaimed x => $"{x.Step} claims {x.Tool}, key {x.Key}",
        ToolReturned { Error: { } error } x => $"{x.Step} {x.Tool}: {One(error)}",
        ToolReturned x => $"{x.Step} {x.Tool} returned{(x.Reconciled ? " (reconciled)" : "")}, {x.Seconds:0.000} s",
        ToolUnknown x => $"{x.Step} {x.Tool}: nobody knows whether it took effect: {One(x.Reason)}",
        ApprovalRequested x => $"{x.Step} asks for consent to {x.Tool} as {x.Request}",
        ApprovalDecided x => $"{x.Request}: {x.Verdict} by {x.By}{(x.Reason is { } why ? $", {One(why)}" : "")}",
        QuestionAsked x => $"{x.Request} asked: {One(x.Question)}",
        QuestionAnswered x => $"{x.Request} answered by {x.By}: {One(x.Answer)}",
        MessageReceived x => $"{x.By} says: {One(x.Text)}",
        TimerFired x => $"timer {x.Timer}",
        CancelRequested x => $"{x.By} cancels: {One(x.Reason)}",
        GoalEnded x => $"goal {x.Status}: {One(x.Reason)}",
        _ => e.GetType().Name,
    };

    public static string ShortAgent(AgentId agent) => agent.Value[(agent.Value.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>The text on one line, cut to what a line holds, with control characters made harmless.</summary>
    public static string One(string text, int most = 160)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= most ? line : string.Concat(line.AsSpan(0, most - 1), "…");
    }
}
