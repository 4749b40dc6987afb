using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Limits;

/// <summary>Answers a repeated request with what the first one was answered.</summary>
internal sealed class IdempotencyFilter(Idempotency answers, GatewayOptions options) : IEndpointFilter
{
    public const string Header = "Idempotency-Key";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var header = http.Request.Headers[Header];
        if (header.Count == 0) return await next(context);
        var name = Input.IdempotencyKey(header.ToString());
        var body = await Body.Keep(http, options.MaxDocumentBytes, http.RequestAborted);
        name = $"{Caller.Of(http).Account}\n{http.Request.Method} {http.Request.Path}\n{name}";
        if (answers.Begin(name, body.Span) is { } known) return new Replay(known);
        KeptAnswer? answer = null;
        try
        {
            answer = await Outlive(context, async () => await Capture(http, await next(context) as IResult));
            return new Replay(answer, Repeated: false);
        }
        finally
        {
            // What failed by the server's fault, or threw, may be tried again.
            answers.End(name, answer is { Status: < 500 } ? answer : null);
        }
    }

    /// <summary>
    /// Does the work to its end though its client leaves: who leaves will ask again, and only an answer tells what became of the work. Its token is bound
    /// already, so it is exchanged where it is.
    /// </summary>
    private static async Task<KeptAnswer> Outlive(EndpointFilterInvocationContext context, Func<Task<KeptAnswer>> work)
    {
        var (http, client) = (context.HttpContext, context.HttpContext.RequestAborted);
        for (var i = 0; i < context.Arguments.Count; i++)
            if (context.Arguments[i] is CancellationToken) context.Arguments[i] = CancellationToken.None;
        http.RequestAborted = CancellationToken.None;
        try
        {
            return await work();
        }
        finally
        {
            http.RequestAborted = client;
        }
    }

    private static async Task<KeptAnswer> Capture(HttpContext http, IResult? result)
    {
        var real = http.Response.Body;
        using var buffer = new MemoryStream();
        http.Response.Body = buffer;
        try
        {
            if (result is not null) await result.ExecuteAsync(http);
        }
        finally
        {
            http.Response.Body = real;
        }

        return new KeptAnswer(http.Response.StatusCode, http.Response.ContentType, http.Response.Headers.Location, buffer.ToArray());
    }

    private sealed record Replay(KeptAnswer Answer, bool Repeated = true) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            (response.StatusCode, response.ContentType, response.ContentLength) = (Answer.Status, Answer.ContentType, null);
            if (Answer.Location is not null) response.Headers.Location = Answer.Location;
            if (Repeated) response.Headers["Idempotent-Replayed"] = "true";
            // An answer without a body may not even begin one.
            if (!Answer.Body.IsEmpty) await response.Body.WriteAsync(Answer.Body, httpContext.RequestAborted);
        }
    }
}

/// <summary>Declares that a route knows repeated requests by their <c>Idempotency-Key</c>.</summary>
internal static class IdempotencyExtensions
{
    public static RouteHandlerBuilder Idempotent(this RouteHandlerBuilder endpoint) => endpoint.AddEndpointFilter<IdempotencyFilter>();
}
