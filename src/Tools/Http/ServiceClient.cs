using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Tools.Http;

/// <param name="RetryAfter">How long the service asked to be left alone; null if it did not.</param>
internal sealed record ServiceAnswer(HttpStatusCode Status, string Body, TimeSpan? RetryAfter)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>
    /// What the answer to a request with an idempotency key says of its time, as services do: 409, 423, 425 or 503 with Retry-After of one that is being
    /// worked on or cannot be taken now, 429 with Retry-After of one that was not taken. Null for every other answer.
    /// </summary>
    public ToolInFlightException? InFlight(string service, string reason) => RetryAfter is not { } wait ? null : (int)Status switch
    {
        409 or 423 or 425 or 503 => new($"{service} is not done with this request (status {(int)Status}): {reason}", wait),
        429 => new($"{service} asks for fewer requests: {reason}", wait, effectPossible: false),
        _ => null,
    };

    /// <summary>The beginning of the body on one line, for messages.</summary>
    public string Excerpt
    {
        get
        {
            var line = string.Join(' ', Body.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return line.Length <= 300 ? line : line[..300] + "…";
        }
    }
}

/// <summary>
/// Talks to one configured service and says of every failure whether the request may have taken effect. Redirects are not followed (a POST and its
/// credentials go where the operator said), and cookies are not kept.
/// </summary>
#pragma warning disable CA1001 // Lives as long as its tool, which lives as long as the host: there is no earlier time to dispose the client.
internal sealed class ServiceClient
#pragma warning restore CA1001
{
    private const int MaxAnswer = 1_000_000;
    private readonly HttpClient _http;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;

    /// <param name="name">For messages: "The ticket service".</param>
    /// <param name="handler">Null for the network.</param>
    public ServiceClient(string name, Uri baseAddress, TimeProvider time, TimeSpan timeout, HttpMessageHandler? handler)
    {
        _name = name;
        _time = time;
        _timeout = timeout;
        handler ??= new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // A proxy is for the world outside; a loopback service is never behind one.
            UseProxy = !baseAddress.IsLoopback,
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _http = new HttpClient(handler, disposeHandler: false)
        {
            BaseAddress = new Uri(baseAddress.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new("AgentMesh", "0.1"));
    }

    /// <summary>The key as a header can carry it: itself, or its hash where it is long or not printable ASCII.</summary>
    public static string HeaderKey(string key) => key.Length is > 0 and <= 255 && key.All(c => c is >= '!' and <= '~')
        ? key
        : "sha256-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    public Uri BaseAddress => _http.BaseAddress!;

    public AuthenticationHeaderValue? Authorization
    {
        init => _http.DefaultRequestHeaders.Authorization = value;
    }

    /// <param name="path">Relative to the base address, or empty for the address itself.</param>
    /// <param name="json">Null for no body.</param>
    /// <exception cref="ToolException">Transient: there was no answer. <see cref="ToolException.EffectPossible"/> is false only where nothing was sent.</exception>
    public async Task<ServiceAnswer> Send(HttpMethod method, string path, string? json, string? idempotencyKey, CancellationToken ct)
    {
        var target = path.Length == 0 ? new Uri(BaseAddress.AbsoluteUri.TrimEnd('/')) : new Uri(BaseAddress, path);
        using var request = new HttpRequestMessage(method, target);
        request.Headers.Accept.Add(new("application/json"));
        if (idempotencyKey is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", HeaderKey(idempotencyKey));
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");

        using var patience = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return new(response.StatusCode, await Body(response, either.Token), RetryAfter(response));
        }
        catch (OperationCanceledException exception) when (!ct.IsCancellationRequested)
        {
            throw new ToolException(FailureKind.Transient, $"{_name} at {Place} did not answer within {_timeout.TotalSeconds:0} s.", effectPossible: true, exception);
        }
        catch (HttpRequestException exception)
        {
            var sent = exception.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError);
            var what = sent ? "broke the connection before it answered" : "cannot be reached; is it running?";
            throw new ToolException(FailureKind.Transient, $"{_name} at {Place} {what}", effectPossible: sent, exception);
        }
        catch (IOException exception)
        {
            throw new ToolException(FailureKind.Transient, $"{_name} at {Place} broke off its answer.", effectPossible: true, exception);
        }
    }

    /// <summary>Without the path and the query, which may hold a secret (webhooks do).</summary>
    private string Place => BaseAddress.GetLeftPart(UriPartial.Authority);

    private static async Task<string> Body(HttpResponseMessage response, CancellationToken ct)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        var buffer = ArrayPool<byte>.Shared.Rent(MaxAnswer);
        try
        {
            var read = await stream.ReadAtLeastAsync(buffer.AsMemory(0, MaxAnswer), MaxAnswer, throwOnEndOfStream: false, ct);
            return Encoding.UTF8.GetString(buffer, 0, read);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
