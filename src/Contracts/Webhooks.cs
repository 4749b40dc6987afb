using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>The body of <c>POST /v1/webhooks</c>.</summary>
/// <param name="Url">Where events are posted to: http or https.</param>
/// <param name="Events">Of <see cref="WebhookEvents.All"/>; null or empty for all.</param>
/// <param name="Tenant">Whose goals; null for the caller's own.</param>
public sealed record WebhookRequest(string Url, IReadOnlyList<string>? Events = null, string? Tenant = null);

/// <summary>The body of <c>POST /v1/webhooks/{id}/replay</c>: exactly one of the two.</summary>
/// <param name="Since">Everything that happened then or later.</param>
/// <param name="After">The id of an event: everything after it.</param>
public sealed record WebhookReplay(DateTimeOffset? Since = null, string? After = null);

/// <param name="Replayed">Events that are delivered again.</param>
public sealed record WebhookReplayed(int Replayed);

/// <summary>A subscription, without its secret.</summary>
/// <param name="Pending">Events that are not delivered yet.</param>
/// <param name="DeliveredAt">When the last event was taken; null for never.</param>
/// <param name="FailingSince">When the tries began to fail; null while none fails.</param>
/// <param name="Error">What the last failed try met.</param>
/// <param name="DisabledAt">When it was given up; null while it works. Events are kept, and go on when it is enabled.</param>
public sealed record WebhookView(
    string Id, string Tenant, string Url, IReadOnlyList<string> Events, DateTimeOffset CreatedAt, string CreatedBy, int Pending = 0,
    DateTimeOffset? DeliveredAt = null, DateTimeOffset? FailingSince = null, string? Error = null, DateTimeOffset? DisabledAt = null);

/// <param name="Secret">What the signatures are made with, as a receiver's library takes it: <c>whsec_…</c>. Told this once and never again.</param>
public sealed record WebhookMade(WebhookView Webhook, string Secret);

/// <param name="Status">The receiver's; null when there was no answer.</param>
/// <param name="Error">Null when it took the event.</param>
public sealed record WebhookTested(int? Status, string? Error);

/// <summary>What receivers are told of.</summary>
public static class WebhookEvents
{
    /// <summary>Sent by <c>POST /v1/webhooks/{id}/test</c> alone.</summary>
    public const string Test = "webhook.test";

    public static readonly IReadOnlyList<string> All =
    [
        "goal.submitted", "goal.completed", "goal.failed", "goal.cancelled", "approval.requested", "approval.decided", "question.asked", "question.answered",
    ];

    /// <returns>Null for an event that receivers are not told of.</returns>
    public static string? Name(GoalEvent e) => e switch
    {
        GoalSubmitted => "goal.submitted",
        GoalEnded { Status: GoalStatus.Completed } => "goal.completed",
        GoalEnded { Status: GoalStatus.Failed } => "goal.failed",
        GoalEnded => "goal.cancelled",
        ApprovalRequested => "approval.requested",
        ApprovalDecided => "approval.decided",
        QuestionAsked => "question.asked",
        QuestionAnswered => "question.answered",
        _ => null,
    };
}

/// <summary>What is posted: as the Standard Webhooks lay it out. It names things; what they say is for the API, with a key.</summary>
public sealed record WebhookMessage(string Type, DateTimeOffset Timestamp, WebhookData Data);

/// <param name="Sequence">The event's place in the goal's journal.</param>
/// <param name="Request">The approval's or question's id.</param>
/// <param name="Verdict">Of a decision.</param>
public sealed record WebhookData(
    GoalId? Goal, string Tenant, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Sequence = 0, RequestId? Request = null, StepId? Step = null,
    string? Tool = null, ApprovalVerdict? Verdict = null);
