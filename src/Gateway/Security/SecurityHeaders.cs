using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Security;

/// <summary>What every answer tells browsers. A route that knows better sets its own.</summary>
internal static class SecurityHeaders
{
    /// <summary>For pages of ours: no script but our files. Styles within the page are allowed, because the parts that a dashboard is made of set them.</summary>
    private const string Page =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; worker-src 'self' blob:; connect-src 'self'; "
        + "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>For data: nothing that it holds may run or load anything.</summary>
    private const string Data = "default-src 'none'; frame-ancestors 'none'; sandbox";

    public static void Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        var data = http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);
        headers.ContentSecurityPolicy = data ? Data : Page;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        if (data) headers.CacheControl = "no-store";
        if (http.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
    }
}
