using System.Text;

namespace AgentMesh.Contracts;

/// <summary>The body of <c>POST /v1/goals</c>. What is left out has the default of <see cref="GoalSpec"/>.</summary>
public sealed record GoalRequest
{
    public required string Text { get; init; }

    /// <summary>An id that the caller chose, so that a repeated submit is recognised: 8 to 64 lower-case letters, digits and hyphens.</summary>
    public string? Goal { get; init; }
    public string? Tenant { get; init; }
    public string? SubmittedBy { get; init; }
    public string? Playbook { get; init; }
    public IReadOnlyList<string>? Wants { get; init; }
    public IReadOnlyList<string>? Knowledge { get; init; }
    public ConstraintsRequest? Constraints { get; init; }
    public IReadOnlyList<AttachmentRequest>? Attachments { get; init; }
}

/// <summary><see cref="GoalConstraints"/> of which any part may be left out.</summary>
public sealed record ConstraintsRequest
{
    public Budget? Budget { get; init; }
    public TimeSpan? Timeout { get; init; }
    public ApprovalMode? Approvals { get; init; }
    public int? MaxSteps { get; init; }
    public int? MaxReplans { get; init; }
    public int? MaxDepth { get; init; }
    public IReadOnlyList<string>? Tools { get; init; }

    public static ConstraintsRequest From(GoalConstraints all) => new()
    {
        Budget = all.Budget, Timeout = all.Timeout, Approvals = all.Approvals, MaxSteps = all.MaxSteps, MaxReplans = all.MaxReplans, MaxDepth = all.MaxDepth, Tools = all.Tools,
    };

    /// <summary>The whole, with the defaults for what was left out.</summary>
    public GoalConstraints Complete() => Complete(new GoalConstraints());

    /// <summary>The whole, with that for what was left out.</summary>
    public GoalConstraints Complete(GoalConstraints otherwise) => new()
    {
        Budget = Budget ?? otherwise.Budget, Timeout = Timeout ?? otherwise.Timeout, Approvals = Approvals ?? otherwise.Approvals, MaxSteps = MaxSteps ?? otherwise.MaxSteps,
        MaxReplans = MaxReplans ?? otherwise.MaxReplans, MaxDepth = MaxDepth ?? otherwise.MaxDepth, Tools = Tools ?? otherwise.Tools,
    };
}

/// <summary>The body of <c>POST /v1/goals/{id}/fork</c>: a new goal that goes on from a step of this one.</summary>
/// <param name="FromStep">The step that is done anew, with all that depend on it.</param>
/// <param name="Instruction">What that step is told instead.</param>
/// <param name="Constraints">Those of the forked goal for what is left out.</param>
/// <param name="Goal">The new goal's id, chosen by the caller as for a submit.</param>
public sealed record GoalForkRequest(string FromStep, string? Instruction = null, ConstraintsRequest? Constraints = null, string? Goal = null, string? SubmittedBy = null);

/// <param name="Name">The file's name; its extension is the first hint at what it holds.</param>
/// <param name="Content">Its bytes; base64 in JSON.</param>
/// <param name="Kind">The artifact kind that it must be read as; null for whatever it is.</param>
public sealed record AttachmentRequest(string Name, byte[] Content, string? Kind = null);

/// <param name="Warnings">What was odd about the attachments and how they were read all the same.</param>
public sealed record GoalAccepted(GoalId Goal, IReadOnlyList<string> Warnings);

/// <param name="Next">Give it as <c>before</c> for the next page; null on the last one.</param>
public sealed record GoalListing(IReadOnlyList<GoalSummary> Goals, string? Next);

/// <summary>The goals that ask something of a person, newest first.</summary>
/// <param name="Next">Give it as <c>before</c> for the next page; null on the last one. A page may hold fewer goals than asked for.</param>
public sealed record ApprovalListing(IReadOnlyList<AskingGoal> Goals, string? Next);

/// <param name="Text">The goal's text, cut to 200 characters.</param>
/// <param name="ChangedAt">When it last began or ceased to ask something, or changed its status.</param>
/// <param name="Approvals">Calls that need consent, with their exact arguments and which of these derive from untrusted text.</param>
/// <param name="PlanVersion">The version in force; 0 before the first.</param>
/// <param name="Steps">The plan so far, in order of appearance.</param>
public sealed record AskingGoal(
    GoalId Goal, string Tenant, string Text, GoalStatus Status, string SubmittedBy, DateTimeOffset SubmittedAt, DateTimeOffset ChangedAt,
    IReadOnlyList<ApprovalRequested> Approvals, IReadOnlyList<QuestionAsked> Questions, int PlanVersion, IReadOnlyList<StepProgress> Steps);

/// <summary>One step in short.</summary>
/// <param name="Inputs">The artifacts that it reads; empty for steps that agents spawned.</param>
/// <param name="Agent">Who works or worked on it; null before it starts.</param>
public sealed record StepProgress(
    StepId Step, string Role, string Instruction, string Produces, IReadOnlyList<ArtifactId> Inputs, StepStatus Status, string? Tier, string? Error, AgentId? Agent);

/// <param name="Open">Approvals and questions that are open.</param>
/// <param name="More">There are more goals that ask than were counted.</param>
/// <param name="Version">Another one whenever something of it changed.</param>
public sealed record ApprovalsNow(int Open, bool More, string Version);

public sealed record ArtifactListing(IReadOnlyList<ArtifactEntry> Artifacts);

/// <summary>An artifact without its value.</summary>
/// <param name="Bytes">Length of the value's JSON in bytes.</param>
/// <param name="Raw">The original bytes that a submitted value was read from, if any.</param>
public sealed record ArtifactEntry(ArtifactId Id, string Kind, Trust Trust, Origin Origin, long Bytes, ContentRef? Raw);

/// <param name="From">The first day, in UTC.</param>
/// <param name="To">The last day, included.</param>
/// <param name="Total">Of all days, by model.</param>
public sealed record UsageReport(DateOnly From, DateOnly To, IReadOnlyList<ModelUsage> Total, IReadOnlyList<UsageDay> Days);

/// <param name="Verdict"><c>approve</c>, <c>reject</c> or <c>edit</c>.</param>
/// <param name="Arguments">The new arguments, for <c>edit</c>.</param>
public sealed record DecisionRequest(string Verdict, string? By = null, string? Reason = null, System.Text.Json.JsonElement? Arguments = null);

public sealed record AnswerRequest(string Answer, string? By = null);

public sealed record MessageRequest(string Text, string? By = null);

public sealed record CancelRequest(string? Reason = null, string? By = null);

public sealed record KnowledgeRequest(string Collection, string Name, string Text, string? Tenant = null);

/// <summary>An RFC 9457 problem. Clients tell problems apart by <see cref="Code"/>; the texts are for people and may change.</summary>
/// <param name="Type"><c>urn:agentmesh:</c> and the code.</param>
/// <param name="Detail">What is wrong and what to do about it.</param>
/// <param name="Code">Stable: a <see cref="MeshException.Code"/>, or one of the gateway's own.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, string Code);

/// <summary>The place in a list of goals, opaque to clients.</summary>
public static class GoalCursor
{
    public static string Encode(GoalId last) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(last.Value));

    /// <returns>Null when the text is no cursor.</returns>
    public static GoalId? Decode(string cursor)
    {
        if (!System.Buffers.Text.Base64Url.IsValid(cursor)) return null;
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(cursor);
        return System.Text.Unicode.Utf8.IsValid(bytes) && Encoding.UTF8.GetString(bytes) is { Length: > 0 and <= 200 } id && !id.Any(char.IsControl) ? new GoalId(id) : null;
    }
}
