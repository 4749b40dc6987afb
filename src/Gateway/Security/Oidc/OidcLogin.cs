using Microsoft.Extensions.Logging;

namespace AgentMesh.Gateway.Security.Oidc;

/// <summary>The issuer that is configured, if one is, and the way to it.</summary>
internal sealed class OidcLogin : IDisposable
{
    private readonly SocketsHttpHandler? handler;

    public OidcLogin(GatewayOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        if (options.Auth.Oidc is not { } oidc) return;
        // Where a redirect leads nobody vouches for.
        handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) };
        Tokens = new OidcTokens(oidc, new IssuerKeys(oidc, new HttpMessageInvoker(handler), time, loggers.CreateLogger<IssuerKeys>()), time);
    }

    /// <summary>Null where only keys are believed.</summary>
    public OidcTokens? Tokens { get; }

    public void Dispose() => handler?.Dispose();
}
