using System.Net.Http.Headers;
using System.Text.Json;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.Redaction;

namespace AgentMesh.Inference.OpenAi;

/// <summary>Turns what an endpoint does wrong into the one exception that callers know.</summary>
internal sealed class EndpointErrors(Uri url, Redactor redactor, TimeProvider time)
{
    private const int Excerpt = 300;

    /// <summary>A status other than 2xx.</summary>
    /// <param name="body">Its beginning, however short.</param>
    public ModelException Status(int status, string body, RetryConditionHeaderValue? retryAfter, Uri? location)
    {
        var said = Said(body);
        // "insufficient_quota" is OpenAI's code for an account without credit: no wait helps.
        var kind = status switch
        {
            429 when !body.Contains("insufficient_quota", StringComparison.Ordinal) => ModelErrorKind.RateLimited,
            408 or 500 or 502 or 503 or 504 => ModelErrorKind.Unavailable,
            > 501 => ModelErrorKind.Unavailable,
            _ => ModelErrorKind.Rejected,
        };
        var advice = status switch
        {
            >= 300 and < 400 => $"it redirects to {location?.GetLeftPart(UriPartial.Path) ?? "another address"}: set AGENTMESH_MODEL_URL to where the API is",
            401 or 403 => "check AGENTMESH_API_KEY",
            404 => "check AGENTMESH_MODEL_URL and AGENTMESH_MODEL",
            413 => "shorten the prompt",
            429 when kind == ModelErrorKind.Rejected => "the account has no credit left",
            429 => "lower AGENTMESH_MODEL_CONCURRENCY or try later",
            _ when kind == ModelErrorKind.Unavailable => "look at the server's log or try later",
            _ => "correct the request",
        };
        return new ModelException(kind, $"{url.Authority} answered {status}{said}; {advice}.") { StatusCode = status, RetryAfter = Wait(retryAfter) };
    }

    /// <summary>
    /// Whether an exception is the endpoint's or the network's doing. Cancellation is not, except where no token was cancelled:
    /// so ends the handler's own limit on connecting.
    /// </summary>
    public static bool IsTransport(Exception error, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && error is JsonException or HttpRequestException or IOException or OperationCanceledException { InnerException: TimeoutException };

    /// <summary>What such an exception means.</summary>
    /// <param name="answering">Whether the answer had begun.</param>
    public ModelException Transport(Exception error, bool answering) => error switch
    {
        JsonException => NotJson(null),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } =>
            new(ModelErrorKind.Unavailable, $"Nothing answers at {url.Authority}; start the model server or correct AGENTMESH_MODEL_URL.", error),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            new(ModelErrorKind.Rejected, $"No secure connection to {url.Authority}; check its certificate, or use http if it has none.", error),
        HttpRequestException or IOException when answering => Cut(error),
        HttpRequestException or IOException =>
            new(ModelErrorKind.Unavailable, $"The connection to {url.Authority} broke before it answered; look at the server's log or try later.", error) { TokensMayBeSpent = true },
        _ => new(ModelErrorKind.Unavailable, $"{url.Authority} does not accept connections in time; check that it is reachable.", error),
    };

    public ModelException Cut(Exception? cause = null) =>
        new(ModelErrorKind.Unavailable, $"{url.Authority} broke off before its answer was complete; look at the server's log or try again.", cause) { TokensMayBeSpent = true };

    public ModelException NotJson(string? mediaType) =>
        new(ModelErrorKind.BadResponse, $"{url.Authority} answered with {(mediaType is null or "application/json" or "text/event-stream" ? "malformed JSON" : mediaType)} instead of a chat completion; check that AGENTMESH_MODEL_URL is an OpenAI-compatible API.") { TokensMayBeSpent = true };

    public ModelException Bad(string what) =>
        new(ModelErrorKind.BadResponse, $"{url.Authority} {what}; try another model or look at the server's log.") { TokensMayBeSpent = true };

    /// <summary>An error object inside an answer that had status 200, as streams report failures.</summary>
    public ModelException InBand(JsonElement error)
    {
        var code = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out var c)
            && c.ValueKind == JsonValueKind.Number && c.TryGetInt32(out var number) ? number : 500;
        var mapped = Status(code is >= 400 and <= 599 ? code : 500, error.GetRawText(), null, null);
        return new ModelException(mapped.Kind, mapped.Message) { StatusCode = mapped.StatusCode, TokensMayBeSpent = true };
    }

    /// <summary>The endpoint's own words, shortened and without secrets: servers like to repeat a wrong key.</summary>
    private string Said(string body)
    {
        var message = Message(body)?.ReplaceLineEndings(" ").Trim();
        if (string.IsNullOrEmpty(message)) return "";
        message = redactor.ForLog(message);
        return $" ({(message.Length > Excerpt ? message[..Excerpt] + "…" : message).TrimEnd('.')})";
    }

    /// <summary><c>{"error": {"message": …}}</c>, <c>{"error": "…"}</c>, <c>{"message": …}</c> or <c>{"detail": …}</c>; null for anything else, such as a page of HTML.</summary>
    private static string? Message(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var at = json.RootElement;
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty("error", out var error)) at = error;
            if (at.ValueKind == JsonValueKind.Object && (at.TryGetProperty("message", out var message) || at.TryGetProperty("detail", out message))) at = message;
            return at.ValueKind == JsonValueKind.String ? at.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private TimeSpan? Wait(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
