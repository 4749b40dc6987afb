using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Security;

/// <summary>Who asks. Endpoints take it as a parameter; it is never null where the route declares roles.</summary>
/// <param name="Name">As the journal and the audit log will say.</param>
/// <param name="Key">The API key's id; null for callers without one.</param>
/// <param name="Authenticated">False where nobody is asked who they are: then, and only then, what the body says of names is believed.</param>
public sealed record Caller(string Tenant, string Name, IReadOnlySet<CallerRole> Roles, string? Key = null, bool Authenticated = true)
{
    /// <summary>Everybody, where <see cref="AuthMode.None"/> is set.</summary>
    internal static readonly Caller Anyone = new(Input.Tenant, "api", new HashSet<CallerRole>(Enum.GetValues<CallerRole>()), Authenticated: false);

    /// <summary>What limits are counted by.</summary>
    public string Account => Key ?? (Authenticated ? $"{Tenant.Length}:{Tenant}{Name}" : "");

    /// <summary>Whether the goals of every tenant are there for this caller, within its roles.</summary>
    public bool SeesAll => Roles.Contains(CallerRole.Operator) || Roles.Contains(CallerRole.Admin);

    /// <summary>Admins may do everything.</summary>
    public bool IsAny(IReadOnlyList<CallerRole> roles) => Roles.Contains(CallerRole.Admin) || roles.Any(Roles.Contains);

    /// <exception cref="ProblemException">403: none of these roles is the caller's.</exception>
    internal void Require(params IReadOnlyList<CallerRole> roles)
    {
        if (!IsAny(roles)) throw new ProblemException(403, "role-missing", $"This needs the role {Names(roles)}; yours: {Names(Roles)}.");
    }

    public bool Sees(string tenant) => SeesAll || tenant == Tenant;

    /// <summary>The tenant that a request is for: the one that it names, where this caller may name it, or the caller's own.</summary>
    internal string TenantOr(string? named) => named is null ? Tenant : Sees(Input.Name(named, "tenant")) ? named
        : throw new ProblemException(403, "tenant-forbidden", "Only an operator or admin may name another tenant. Leave it out, or use a key of that tenant.");

    /// <summary>The tenant that a listing is of; null for all, where this caller sees all and names none.</summary>
    internal string? ScopeOf(string? named) => named is null && SeesAll ? null : TenantOr(named);

    /// <summary>The name that the journal gets.</summary>
    internal string By(string? claimed, string what = "by") => Authenticated || claimed is null ? Name : Input.Name(claimed, what);

    /// <summary>For minimal APIs: the caller as an endpoint's parameter.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext http) => ValueTask.FromResult(http.Features.Get<Caller>());

    private static string Names(IEnumerable<CallerRole> roles) => string.Join(" or ", roles.Select(r => r.ToString().ToLowerInvariant()).DefaultIfEmpty("none"));

    internal static Caller Of(HttpContext http) => http.Features.Get<Caller>() ?? throw new InvalidOperationException("A route without declared roles asked for its caller.");
}
