using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Dashboard;

/// <summary>What is at <c>/</c> while the dashboard is not built: how to build it, and what there is without it.</summary>
internal static class MissingDashboard
{
    private const string Html = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>AgentMesh</title>
        <h1>AgentMesh runs. Its dashboard is not built yet.</h1>
        <p>From a checkout, with Node 20 or later:</p>
        <pre>make dashboard</pre>
        <p>Then load this page again; the server need not be restarted. Built files that lie elsewhere are named by the setting
        <code>AGENTMESH_DASHBOARD</code>. The container images bring them along.</p>
        <p>Everything else works without it: the API under <a href="/v1/goals"><code>/v1</code></a>, and the command line
        (<code>agentmesh goal list --server URL</code>).</p>
        </html>
        """;

    public static IResult Page(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        return TypedResults.Content(Html, "text/html; charset=utf-8", statusCode: StatusCodes.Status404NotFound);
    }
}
