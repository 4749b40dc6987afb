using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace AgentMesh.Samples.TicketService;

/// <summary>The HTTP face of the store.</summary>
public static partial class TicketEndpoints
{
    private const int MaxKeyLength = 255;

    public static void MapTickets(this IEndpointRouteBuilder app, TicketStore store)
    {
        app.MapPost("/tickets", (RequestDelegate)(http => CreateAsync(http, store)));
        app.MapGet("/tickets/{id}", (RequestDelegate)(http => Get(http, store)));
        app.MapGet("/tickets", (RequestDelegate)(http => List(http, store)));
        app.MapGet("/healthz", (RequestDelegate)(http =>
            Json(http, 200, new Health("ok", store.All().Count), TicketJson.Default.Health)));
    }

    private static async Task CreateAsync(HttpContext http, TicketStore store)
    {
        if (!TryReadKey(http.Request, out var key, out var badKey))
        {
            await RejectAsync(http, store, null, new Problem(Type("bad-idempotency-key"), "Bad Idempotency-Key", 400, badKey));
            return;
        }

        if (!http.Request.HasJsonContentType())
        {
            await RejectAsync(http, store, key, new Problem(Type("not-json"), "Unsupported media type", 415, "Send the ticket as application/json."));
            return;
        }

        byte[] body;
        try
        {
            using var buffer = new MemoryStream();
            await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
            body = buffer.ToArray();
        }
        catch (BadHttpRequestException e)
        {
            await RejectAsync(http, store, key, new Problem(Type("bad-body"), "Unreadable body", e.StatusCode, e.Message));
            return;
        }

        if (!TicketDraft.TryParse(body, out var draft, out var errors))
        {
            var detail = string.Join(" ", errors.Select(e => $"{e.Key}: {e.Value}"));
            await RejectAsync(http, store, key, new Problem(Type("invalid-ticket"), "Invalid ticket", 400, detail) { Errors = errors });
            return;
        }

        var (outcome, ticket) = await store.CreateAsync(key, draft);
        switch (outcome)
        {
            case CreateOutcome.KeyReused:
                await WriteAsync(http, new Problem(Type("idempotency-key-reused"), "Idempotency-Key reused", 422,
                    "This Idempotency-Key was used before with another body. Use a new key for a new ticket."));
                break;
            case CreateOutcome.KeyInFlight:
                http.Response.Headers.RetryAfter = "1";
                await WriteAsync(http, InFlight());
                break;
            default:
                if (outcome == CreateOutcome.Replayed)
                    http.Response.Headers["Idempotency-Replayed"] = "true";
                var answer = WithUrl(http, ticket!);
                http.Response.Headers.Location = answer.Url;
                await Json(http, outcome == CreateOutcome.Created ? 201 : 200, answer, TicketJson.Default.Ticket);
                break;
        }
    }

    private static Task Get(HttpContext http, TicketStore store)
    {
        var id = (string)http.Request.RouteValues["id"]!;
        http.Response.Headers.Vary = HeaderNames.Accept;
        if (store.Find(id) is not { } ticket)
            return WriteAsync(http, NotFound($"There is no ticket {id}."));
        return TicketPage.Preferred(http.Request)
            ? TicketPage.WriteAsync(http.Response, ticket)
            : Json(http, 200, WithUrl(http, ticket), TicketJson.Default.Ticket);
    }

    private static Task List(HttpContext http, TicketStore store)
    {
        if (!http.Request.Query.TryGetValue("key", out var key))
        {
            var all = store.All();
            return Json(http, 200, new TicketList(all.Count, [.. all.Select(t => WithUrl(http, t))]), TicketJson.Default.TicketList);
        }

        if (store.FindByKey(key.ToString(), out var inFlight) is { } ticket)
            return Json(http, 200, WithUrl(http, ticket), TicketJson.Default.Ticket);
        if (!inFlight)
            return WriteAsync(http, NotFound("No ticket was created with this key."));

        // "404" would promise that the ticket does not exist, and a moment later it may.
        http.Response.Headers.RetryAfter = "1";
        return WriteAsync(http, InFlight());
    }

    private static bool TryReadKey(HttpRequest request, out string? key, out string error)
    {
        (key, error) = (null, "");
        if (!request.Headers.TryGetValue("Idempotency-Key", out var values))
            return true;

        var text = values.Count == 1 ? values[0] ?? "" : "";
        if (text is ['"', .. var inner, '"'])
            text = inner;
        if (text.Length is 0 or > MaxKeyLength || text.Any(c => c is < ' ' or > '~'))
        {
            error = string.Create(CultureInfo.InvariantCulture, $"Send one Idempotency-Key of 1 to {MaxKeyLength} printable ASCII characters.");
            return false;
        }

        key = text;
        return true;
    }

    private static async Task RejectAsync(HttpContext http, TicketStore store, string? key, Problem problem)
    {
        store.Reject(key, problem.Status, problem.Detail);
        await WriteAsync(http, problem);
    }

    private static Ticket WithUrl(HttpContext http, Ticket ticket) =>
        ticket with { Url = $"{http.Request.Scheme}://{http.Request.Host}/tickets/{ticket.Id}" };

    private static Problem NotFound(string detail) => new(Type("not-found"), "Not found", 404, detail);

    private static Problem InFlight() => new(Type("idempotency-key-in-flight"), "Idempotency-Key in flight", 409,
        "A request with this Idempotency-Key is still being worked on. Ask again after the time in Retry-After.");

    private static string Type(string name) => "urn:agentmesh:ticket-service:" + name;

    private static Task WriteAsync(HttpContext http, Problem problem) =>
        Json(http, problem.Status, problem, TicketJson.Default.Problem, "application/problem+json");

    private static Task Json<T>(HttpContext http, int status, T value, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(value, type, contentType);
    }
}
