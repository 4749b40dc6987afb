using System.Net;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Tools.Http;

namespace AgentMesh.Tools.Tickets;

internal sealed record TicketArguments(string Title, string Body, string Category, string Urgency, string? AccountId = null, string? Customer = null);

/// <summary>The value of a <c>ticket</c> artifact.</summary>
internal sealed record TicketResult(string Id, string Url, string Title, string Key);
internal sealed record TicketAnswer(string Id, string? Url = null, string? Title = null);

/// <summary>An RFC 9457 problem, as far as it is shown.</summary>
internal sealed record ProblemAnswer(string? Title = null, string? Detail = null, IReadOnlyDictionary<string, string>? Errors = null);

/// <summary><c>ticket.create</c>: one ticket per idempotency key, however often the call is repeated.</summary>
public sealed class TicketCreateTool : IReconcilableTool
{
    public const string Name = "ticket.create";
    private const string Service = "The ticket service";
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);
    private readonly ServiceClient _client;

    public TicketCreateTool(TicketsOptions options, TimeProvider time, HttpMessageHandler? handler = null) =>
        _client = new(Service, options.Url, time, options.Timeout ?? DefaultTimeout, handler);

    public ToolDescriptor Descriptor { get; } = new()
    {
        Name = Name,
        Description = "Creates a ticket in the support system and returns its id and link.",
        Parameters = Schema,
        Result = ResultSchema,
        Effect = ToolEffect.Idempotent,
        Approval = ToolApproval.WhenUntrusted,
    };

    public async Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var arguments = ToolArguments.Read(call, ToolJson.Default.TicketArguments);
        var body = JsonSerializer.Serialize(arguments, ToolJson.Default.TicketArguments);
        var answer = await _client.Send(HttpMethod.Post, "tickets", body, call.Key, ct);
        if (answer.IsSuccess) return Result(Parse(answer, ToolJson.Default.TicketAnswer), call, arguments);
        throw Failure(answer);
    }

    public async Task<Reconciliation> Reconcile(ToolCall call, CancellationToken ct)
    {
        var arguments = ToolArguments.Read(call, ToolJson.Default.TicketArguments);
        var key = Uri.EscapeDataString(ServiceClient.HeaderKey(call.Key));
        var answer = await _client.Send(HttpMethod.Get, $"tickets?key={key}", json: null, idempotencyKey: null, ct);
        // A request that is still on its way when this says 404 is no danger: the same key makes one ticket of it and of the next try.
        if (answer.Status == HttpStatusCode.NotFound) return new Reconciliation.DidNotHappen();
        if (!answer.IsSuccess) throw Failure(answer);
        return new Reconciliation.Happened(Result(Parse(answer, ToolJson.Default.TicketAnswer), call, arguments));
    }

    private ToolResult Result(TicketAnswer ticket, ToolCall call, TicketArguments arguments)
    {
        var url = ticket.Url is { Length: > 0 } given ? given : new Uri(_client.BaseAddress, $"tickets/{Uri.EscapeDataString(ticket.Id)}").AbsoluteUri;
        return ToolArguments.Result(new(ticket.Id, url, ticket.Title ?? arguments.Title, call.Key), ToolJson.Default.TicketResult);
    }

    private static T Parse<T>(ServiceAnswer answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type) ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            // The ticket may well exist: the same key will find it.
            throw new ToolException(FailureKind.Transient, $"{Service} answered something that is no ticket: {answer.Excerpt}", effectPossible: true, exception);
        }
    }

    private static ToolException Failure(ServiceAnswer answer)
    {
        var status = (int)answer.Status;
        var reason = Reason(answer);
        if (answer.InFlight(Service, reason) is { } inFlight) return inFlight;
        // The service has no other use for a conflict, so it needs no Retry-After to say so.
        if (answer.Status == HttpStatusCode.Conflict) return new ToolInFlightException($"{Service} is still working on this ticket: {reason}");
        return answer.Status switch
        {
            HttpStatusCode.TooManyRequests => new(FailureKind.Transient, $"{Service} asks for fewer requests: {reason}"),
            HttpStatusCode.RequestTimeout => new(FailureKind.Transient, $"{Service} timed out: {reason}", effectPossible: true),
            _ when status >= 500 => new(FailureKind.Transient, $"{Service} failed with status {status}: {reason}", effectPossible: true),
            _ => new(FailureKind.Permanent, $"{Service} refused the ticket with status {status}: {reason}"),
        };
    }

    private static string Reason(ServiceAnswer answer)
    {
        try
        {
            var problem = JsonSerializer.Deserialize(answer.Body, ToolJson.Default.ProblemAnswer);
            var errors = problem is { Detail: null, Errors: { Count: > 0 } all } ? " " + string.Join(" ", all.Select(error => $"{error.Key}: {error.Value}")) : "";
            if ((problem?.Detail ?? problem?.Title) is { } text) return text + errors;
        }
        catch (JsonException)
        {
            // Not every service or proxy answers with a problem document.
        }

        return answer.Excerpt.Length > 0 ? answer.Excerpt : "no reason given.";
    }

    private static readonly JsonElement ResultSchema = MeshJson.Parse("""
        {
          "type": "object",
          "required": ["id", "url", "title", "key"],
          "properties": {
            "id": { "type": "string", "minLength": 1 },
            "url": { "type": "string", "minLength": 1 },
            "title": { "type": "string" },
            "key": { "type": "string" }
          }
        }
        """);

    private static readonly JsonElement Schema = MeshJson.Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["title", "body", "category", "urgency"],
          "properties": {
            "title": { "type": "string", "minLength": 1, "maxLength": 200 },
            "body": { "type": "string", "minLength": 1, "maxLength": 20000 },
            "category": { "type": "string", "minLength": 1, "maxLength": 50 },
            "urgency": { "enum": ["low", "normal", "high", "critical"] },
            "accountId": { "type": "string", "maxLength": 50 },
            "customer": { "type": "string", "maxLength": 200 }
          }
        }
        """);
}
