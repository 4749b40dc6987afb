using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Gateway.Http;

/// <summary>Every way in which a request may fail, as a problem with a stable code.</summary>
internal sealed partial class Failures(GatewayOptions options, ILogger<Failures> log)
{
    public IResult Answer(HttpContext http, Exception e)
    {
        var (status, code, detail) = Explain(e);
        if (status == 500) LogBroken(log, e, http.Request.Method, http.Request.Path);
        if (status == 503) http.Response.Headers.RetryAfter = "1";
        if (e is ProblemException { RetryAfter: { } wait }) http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (status == 401) http.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Result(status, code, detail);
    }

    public string CodeOf(Exception e) => Explain(e).Code;

    private (int Status, string Code, string Detail) Explain(Exception e) => e switch
    {
        ProblemException own => (own.Status, own.Code, own.Message),
        MeshException mesh => (Problems.StatusOf(mesh.Code), mesh.Code, mesh.Message),
        UnreadableAttachmentException => (422, "attachment-unreadable", e.Message),
        JournalUnavailableException => (503, "journal-unavailable", e.Message),
        BadHttpRequestException { StatusCode: 413 } => (413, "body-too-large", "The body is larger than this server takes."),
        BadHttpRequestException bad => (bad.StatusCode, "request-malformed", e.Message),
        _ when options.IsOutage(e) => (503, "store-unavailable", e.Message),
        _ => (500, "broken", "Something broke in the server; its log says what. The request may be repeated."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} broke")]
    private static partial void LogBroken(ILogger log, Exception e, string method, string path);
}
