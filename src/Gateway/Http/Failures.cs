using AgentMesh.Agents;
using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Gateway.Http;

/// <summary>Every way in which a request may fail, with a stable code: as a problem, or in the shape that the endpoint declares.</summary>
internal sealed partial class Failures(GatewayOptions options, ILogger<Failures> log)
{
    public IResult Answer(HttpContext http, Exception e)
    {
        var failure = Note(http, e);
        if (failure.Status == 503) http.Response.Headers.RetryAfter = "1";
        if (e is ProblemException { RetryAfter: { } wait }) http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (failure.Status == 401) http.Response.Headers.WWWAuthenticate = "Bearer";
        return http.GetEndpoint()?.Metadata.GetMetadata<FailureShape>() is { } shape ? shape.Result(failure) : Problems.Result(failure.Status, failure.Code, failure.Detail);
    }

    /// <summary>What went wrong, for those who put it into words themselves. What the server is to blame for goes to its log.</summary>
    public Failure Note(HttpContext http, Exception e)
    {
        var failure = Explain(e);
        if (failure.Status == 500) LogBroken(log, e, http.Request.Method, http.Request.Path);
        return failure;
    }

    public string CodeOf(Exception e) => Explain(e).Code;

    private Failure Explain(Exception e) => e switch
    {
        ProblemException own => new(own.Status, own.Code, own.Message),
        MeshException mesh => new(Problems.StatusOf(mesh.Code), mesh.Code, mesh.Message),
        UnreadableAttachmentException => new(422, "attachment-unreadable", e.Message),
        ModelException { Kind: ModelErrorKind.Rejected or ModelErrorKind.BudgetExceeded } => new(422, "model-refused", e.Message),
        ModelException => new(503, "model-unavailable", e.Message),
        JournalUnavailableException => new(503, "journal-unavailable", e.Message),
        BadHttpRequestException { StatusCode: 413 } => new(413, "body-too-large", "The body is larger than this server takes."),
        BadHttpRequestException bad => new(bad.StatusCode, "request-malformed", e.Message),
        _ when options.IsOutage(e) => new(503, "store-unavailable", e.Message),
        _ => new(500, "broken", "Something broke in the server; its log says what. The request may be repeated."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} broke")]
    private static partial void LogBroken(ILogger log, Exception e, string method, string path);
}
