using AgentMesh.Gateway.Http;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Security;

/// <summary>
/// Where nobody is asked who they are, being on this machine is the only proof. A browser on it carries requests of any page on the web: such
/// requests name another origin, or, with a name that was rebound to 127.0.0.1, another host.
/// </summary>
internal static class LocalRequest
{
    /// <exception cref="ProblemException">403: a page of another site sent it.</exception>
    public static void Require(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (AuthOptions.IsLocalHost(request.Host.Host) && (origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && AuthOptions.IsLocalHost(from.Host)))
            && request.Headers["Sec-Fetch-Site"].ToString() != "cross-site") return;
        throw new ProblemException(403, "cross-site", "This server asks nobody who they are, so it answers only what this machine sends to its loopback address. For others set AGENTMESH_AUTH to keys.");
    }
}
