using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security.Oidc;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AgentMesh.Gateway.Security;

/// <summary>Finds out who asks, from the <c>Authorization</c> header and nothing else.</summary>
internal sealed class Authenticator(KeyRing keys, OidcLogin oidc, GatewayOptions options)
{
    private const string Bearer = "Bearer ";
    private const int LongestToken = 16 * 1024;

    /// <exception cref="ProblemException">401: nobody that we know.</exception>
    public ValueTask<Caller> Authenticate(HttpContext http, CancellationToken ct)
    {
        if (options.Auth.Mode == AuthMode.None)
        {
            LocalRequest.Require(http.Request);
            return ValueTask.FromResult(Caller.Anyone);
        }

        var token = Token(http.Request.Headers.Authorization);
        return oidc.Tokens is { } tokens && !token.StartsWith(ApiKey.Prefix, StringComparison.Ordinal) ? tokens.Check(token, ct) : keys.Check(token, ct);
    }

    /// <summary>Whether who asked would still be let in. Where that cannot be found out now, it is asked again later, and nobody is turned away.</summary>
    public async ValueTask<bool> StillKnows(HttpContext http, CancellationToken ct)
    {
        try
        {
            await Authenticate(http, ct);
            return true;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return e is not ProblemException { Status: 401 };
        }
    }

    public static ProblemException Unknown(string code, string detail) => new(401, code, detail);

    private static string Token(StringValues header)
    {
        if (header is not [{ Length: <= LongestToken } text] || !text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) || text.AsSpan(Bearer.Length).Trim() is not { Length: > 0 } token)
            throw Unknown("unauthenticated", "Say who you are: send `Authorization: Bearer am_…` with an API key (AGENTMESH_KEY for the command line). An admin makes keys.");
        return token.ToString();
    }
}
