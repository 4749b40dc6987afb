using System.Globalization;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace AgentMesh.Gateway.Dashboard;

/// <summary>
/// The dashboard under <c>/</c>: its built files, and its page for every other address that a browser asks for, because the page itself reads the address.
/// The files hold no data and need no key; what they show they ask of <c>/v1</c>.
/// </summary>
internal static class DashboardEndpoints
{
    private const string Policy =
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly FileExtensionContentTypeProvider Types = new();

    public static void Map(IEndpointRouteBuilder app, GatewayOptions options)
    {
        var folder = new DashboardFolder(options.Dashboard);
        app.MapMethods("/{**path}", [HttpMethods.Get, HttpMethods.Head], (HttpContext http, string? path) => Serve(http, folder.Find(), path ?? ""))
            .WithOrder(int.MaxValue).ForAnyone().ExcludeFromDescription();
    }

    private static IResult Serve(HttpContext http, string? folder, string path)
    {
        if (folder is null) return WantsPage(http) || path.Length == 0 ? MissingDashboard.Page(http) : NotFound(http);
        using var files = new PhysicalFileProvider(folder);
        if (path.Length > 0 && files.GetFileInfo(path) is { Exists: true, IsDirectory: false, PhysicalPath: { } file }) return Send(http, file, path);
        return WantsPage(http) || path.Length == 0 ? Send(http, Path.Combine(folder, "index.html"), "index.html") : NotFound(http);
    }

    private static IResult Send(HttpContext http, string file, string path)
    {
        var headers = http.Response.Headers;
        // A built file's name changes with its content; the others are asked about each time.
        headers.CacheControl = path.StartsWith("assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "no-referrer";
        headers.Vary = "Accept-Encoding";
        var type = Types.TryGetContentType(path, out var known) ? known : "application/octet-stream";
        if (type.StartsWith("text/", StringComparison.Ordinal)) type += "; charset=utf-8";
        var (sent, encoding) = Smallest(http, file);
        if (encoding is not null) headers.ContentEncoding = encoding;
        var info = new FileInfo(sent);
        var tag = new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{info.LastWriteTimeUtc.Ticks:x}-{info.Length:x}\""));
        return TypedResults.PhysicalFile(sent, type, entityTag: tag);
    }

    /// <summary>The build lays a compressed copy beside each text.</summary>
    private static (string File, string? Encoding) Smallest(HttpContext http, string file)
    {
        var accepted = http.Request.GetTypedHeaders().AcceptEncoding;
        foreach (var (encoding, extension) in (ReadOnlySpan<(string, string)>)[("br", ".br"), ("gzip", ".gz")])
            if (accepted.Any(a => a.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && a.Quality is not 0) && File.Exists(file + extension)) return (file + extension, encoding);
        return (file, null);
    }

    private static bool WantsPage(HttpContext http) =>
        http.Request.GetTypedHeaders().Accept.Any(a => a.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));

    private static IResult NotFound(HttpContext http) =>
        Problems.Result(404, "route-not-found", $"There is no {http.Request.Path}. The API is under /v1, the dashboard under /.");
}
