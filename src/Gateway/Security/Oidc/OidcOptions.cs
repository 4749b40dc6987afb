namespace AgentMesh.Gateway.Security.Oidc;

/// <summary>Whose tokens are believed, beside API keys.</summary>
/// <param name="Issuer"><c>AGENTMESH_OIDC_ISSUER</c>: exactly as its tokens and its discovery document have it.</param>
/// <param name="Audience"><c>AGENTMESH_OIDC_AUDIENCE</c>: what tokens for this mesh have as <c>aud</c>.</param>
/// <param name="TenantClaim"><c>AGENTMESH_OIDC_TENANT_CLAIM</c>: the claim with the caller's tenant. Default <c>tenant</c>.</param>
/// <param name="RolesClaim"><c>AGENTMESH_OIDC_ROLES_CLAIM</c>: the claim with the caller's roles, a list or words. Default <c>roles</c>.</param>
/// <param name="NameClaim"><c>AGENTMESH_OIDC_NAME_CLAIM</c>: what the journal and the audit log call the caller. Default <c>sub</c>, which no issuer gives twice.</param>
public sealed record OidcOptions(Uri Issuer, string Audience, string TenantClaim = "tenant", string RolesClaim = "roles", string NameClaim = "sub")
{
    /// <summary>Null when no issuer is set.</summary>
    /// <param name="setting">Reads one setting by the name of its environment variable.</param>
    /// <exception cref="FormatException">A setting is missing or has a value that cannot be used.</exception>
    public static OidcOptions? Read(Func<string, string?> setting)
    {
        if (Text("AGENTMESH_OIDC_ISSUER") is not { } issuer)
            return Text("AGENTMESH_OIDC_AUDIENCE") is null ? null : throw new FormatException("AGENTMESH_OIDC_AUDIENCE is set without AGENTMESH_OIDC_ISSUER. Set both, or neither.");
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var url) || !IsSafe(url) || url.Query.Length > 0 || url.Fragment.Length > 0)
            throw new FormatException($"AGENTMESH_OIDC_ISSUER is {issuer}; it takes the https URL of the issuer (http on this machine only).");
        return new OidcOptions(
            url, Text("AGENTMESH_OIDC_AUDIENCE") ?? throw new FormatException("AGENTMESH_OIDC_ISSUER is set without AGENTMESH_OIDC_AUDIENCE: tokens for other services would be taken, too."),
            Text("AGENTMESH_OIDC_TENANT_CLAIM") ?? "tenant", Text("AGENTMESH_OIDC_ROLES_CLAIM") ?? "roles", Text("AGENTMESH_OIDC_NAME_CLAIM") ?? "sub");

        string? Text(string name) => setting(name) is { Length: > 0 } value ? value : null;
    }

    /// <summary>Whether keys that come from there are the ones that were sent.</summary>
    internal static bool IsSafe(Uri url) => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && AuthOptions.IsLocalHost(url.Host));
}
