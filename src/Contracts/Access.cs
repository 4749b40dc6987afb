using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>What a caller may do. Each may look at the goals of its tenant; <see cref="Operator"/> and <see cref="Admin"/> at those of every tenant.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CallerRole>))]
public enum CallerRole
{
    /// <summary>Submits goals, tells them news, cancels them, adds knowledge.</summary>
    [JsonStringEnumMemberName("submitter")]
    Submitter,

    /// <summary>Decides and answers what goals ask of people.</summary>
    [JsonStringEnumMemberName("approver")]
    Approver,

    /// <summary>Looks at the machines, drains them, cancels goals, reads the audit log; of every tenant.</summary>
    [JsonStringEnumMemberName("operator")]
    Operator,

    /// <summary>Everything, of every tenant; alone makes and revokes keys.</summary>
    [JsonStringEnumMemberName("admin")]
    Admin,
}

/// <summary>The body of <c>POST /v1/keys</c>.</summary>
/// <param name="Name">Who uses it: the journal and the audit log name decisions by it.</param>
/// <param name="Tenant">Null for the caller's own.</param>
/// <param name="ExpiresAt">Null for a key that lasts until it is revoked.</param>
public sealed record KeyRequest(string Name, IReadOnlyList<CallerRole> Roles, string? Tenant = null, DateTimeOffset? ExpiresAt = null);

/// <summary>All of an API key but its secret.</summary>
/// <param name="Id">The part of the key that is no secret.</param>
/// <param name="LastUsedAt">To some minutes; null for never.</param>
public sealed record KeyView(
    string Id, string Tenant, string Name, IReadOnlyList<CallerRole> Roles, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt = null,
    DateTimeOffset? RevokedAt = null, DateTimeOffset? LastUsedAt = null);

/// <param name="Secret">The whole key, as a client sends it. Told this once and never again.</param>
public sealed record KeyMade(KeyView Key, string Secret);

/// <summary>Who asks, as the server knows them.</summary>
/// <param name="Key">The API key's id; null for callers without one.</param>
/// <param name="Authenticated">False where the server asks nobody who they are.</param>
public sealed record CallerView(string Tenant, string Name, IReadOnlyList<CallerRole> Roles, string? Key, bool Authenticated);

/// <summary>One line of the audit log: what somebody was about to do. It is written before the thing is done, so nothing is done without its line.</summary>
/// <param name="Sequence">Ascending in the order of writing; gaps are possible.</param>
/// <param name="Tenant">Whose goal, knowledge or key it was about; the caller's own where it was about none.</param>
/// <param name="Key">The caller's API key's id; null for callers without one.</param>
/// <param name="Action"><c>goal.decide</c>, <c>goal.answer</c>, <c>goal.tell</c>, <c>goal.cancel</c>, <c>silo.drain</c>, <c>key.create</c>, <c>key.revoke</c>, …</param>
/// <param name="Request">The approval or question that was decided or answered.</param>
/// <param name="Detail">The verdict, the silo, the key: never what people wrote.</param>
/// <param name="Refused">The problem's code, on a second line that says that it was not done; null on the first.</param>
public sealed record AuditEntry(
    long Sequence, DateTimeOffset At, string Tenant, string Caller, string? Key, string Action, string? Goal = null, string? Request = null, string? Detail = null,
    string? Refused = null);

/// <param name="Next">Give it as <c>before</c> for the next page; null on the last one.</param>
public sealed record AuditListing(IReadOnlyList<AuditEntry> Entries, string? Next);
