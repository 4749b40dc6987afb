using System.Net;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Tools.Text;

namespace AgentMesh.Tools.Http;

internal sealed record FetchArguments(string Url);

/// <param name="Url">Where the text came from, after redirects.</param>
/// <param name="Truncated">True when the text was longer than what is returned.</param>
internal sealed record FetchResult(string Url, int Status, string ContentType, string Text, bool Truncated, string? Title = null);

/// <summary><c>http.fetch</c>: the text of a page on an allowed host. Sends nothing but the address: no cookies, credentials or body.</summary>
#pragma warning disable CA1001 // Lives as long as the host: there is no earlier time to dispose the client.
public sealed class HttpFetchTool : ITool
#pragma warning restore CA1001
{
    public const string Name = "http.fetch";
    private const int MaxRedirects = 5;
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(20);
    private readonly HttpFetchOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public HttpFetchTool(HttpFetchOptions options, TimeProvider time, IHostResolver? resolver = null)
    {
        _options = options;
        _time = time;
        _http = new HttpClient(new GuardedConnection(options.Allow.AllowsAddress, resolver ?? new SystemHostResolver()).CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new("AgentMesh", "0.1"));
        _http.DefaultRequestHeaders.Accept.ParseAdd("text/html, text/*;q=0.9, application/json;q=0.9, application/xml;q=0.8");
    }

    public ToolDescriptor Descriptor { get; } = new()
    {
        Name = Name,
        Description = "Fetches a web page or a JSON document from an allowed host and returns its text.",
        Parameters = Schema,
        Effect = ToolEffect.Pure,
    };

    public async Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var arguments = ToolArguments.Read(call, ToolJson.Default.FetchArguments);
        if (!Uri.TryCreate(arguments.Url, UriKind.Absolute, out var uri)) throw ToolArguments.Wrong($"'{arguments.Url}' is no URL; write it whole, with https://.");
        var timeout = _options.Timeout ?? DefaultTimeout;
        using var patience = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            return ToolArguments.Result(await Fetch(uri, either.Token), ToolJson.Default.FetchResult);
        }
        catch (OperationCanceledException exception) when (!ct.IsCancellationRequested)
        {
            throw new ToolException(FailureKind.Transient, $"{uri.Host} did not answer within {timeout.TotalSeconds:0} s.", inner: exception);
        }
        catch (HttpRequestException exception) when (Refusal(exception) is { } refusal)
        {
            throw ToolArguments.Wrong($"{refusal.Message} Name the address itself in AGENTMESH_HTTP_ALLOW if it may be reached.", refusal);
        }
        catch (AddressRefusedException exception)
        {
            throw ToolArguments.Wrong($"{exception.Message} Name the address itself in AGENTMESH_HTTP_ALLOW if it may be reached.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new ToolException(FailureKind.Transient, $"{uri.Host} cannot be reached: {exception.Message}", inner: exception);
        }
    }

    private async Task<FetchResult> Fetch(Uri uri, CancellationToken ct)
    {
        for (var redirects = 0; ; redirects++)
        {
            Check(uri);
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (IsRedirect(response.StatusCode) && response.Headers.Location is { } location)
            {
                if (redirects == MaxRedirects) throw ToolArguments.Wrong($"More than {MaxRedirects} redirects; the last one was at {uri.Host}.");
                var next = new Uri(uri, location);
                if (uri.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps)
                    throw ToolArguments.Wrong($"{uri.Host} redirects from https to {next.Scheme}, which is refused.");
                uri = next;
                continue;
            }

            return await Read(uri, response, ct);
        }
    }

    private void Check(Uri uri)
    {
        if (uri.Scheme is not ("https" or "http")) throw ToolArguments.Wrong($"'{uri.Scheme}' addresses are not fetched; use https.");
        if (uri.UserInfo.Length > 0) throw ToolArguments.Wrong("An address with a user name or password in it is refused.");
        if (_options.Allow.Allows(uri)) return;
        var place = uri.GetLeftPart(UriPartial.Authority);
        throw ToolArguments.Wrong(_options.Allow.IsEmpty
            ? $"No host may be fetched from. Allow {place} by setting AGENTMESH_HTTP_ALLOW, for example to '{place}'."
            : $"{place} is not in the allow-list. Add it to AGENTMESH_HTTP_ALLOW if it may be fetched from.");
    }

    private async Task<FetchResult> Read(Uri uri, HttpResponseMessage response, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        if (status is 408 or 429 or >= 500) throw new ToolException(FailureKind.Transient, $"{uri.Host} answered with status {status}.");
        if (status is < 200 or >= 300) throw ToolArguments.Wrong($"{uri.GetLeftPart(UriPartial.Path)} answered with status {status}.");
        var type = response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() ?? "text/plain";
        if (!IsText(type)) throw ToolArguments.Wrong($"{uri.GetLeftPart(UriPartial.Path)} is {type}; only text, HTML, JSON and XML are read.");

        var bytes = await Body(uri, response, ct);
        var decoded = TextDecoder.Decode(bytes, response.Content.Headers.ContentType?.CharSet);
        var page = type is "text/html" or "application/xhtml+xml" ? HtmlText.Read(decoded.Text) : new HtmlContent("", decoded.Text);
        var text = page.Text;
        var truncated = text.Length > _options.MaxCharacters;
        if (truncated) text = text[..(char.IsHighSurrogate(text[_options.MaxCharacters - 1]) ? _options.MaxCharacters - 1 : _options.MaxCharacters)];
        return new(uri.AbsoluteUri, status, type, text, truncated, page.Title.Length > 0 ? page.Title : null);
    }

    /// <summary>Counts what arrives after decompression: a small body may unpack to a huge one.</summary>
    private async Task<byte[]> Body(Uri uri, HttpResponseMessage response, CancellationToken ct)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        using var body = new MemoryStream();
        var buffer = new byte[16_384];
        int read;
        while ((read = await stream.ReadAsync(buffer, ct)) > 0)
        {
            if (body.Length + read > _options.MaxBytes) throw ToolArguments.Wrong($"{uri.GetLeftPart(UriPartial.Path)} is larger than {_options.MaxBytes} bytes.");
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    private static bool IsText(string type) =>
        type.StartsWith("text/", StringComparison.Ordinal) || type is "application/json" or "application/xml" or "application/xhtml+xml" or "application/x-ndjson"
        || type.EndsWith("+json", StringComparison.Ordinal) || type.EndsWith("+xml", StringComparison.Ordinal) && type != "image/svg+xml";

    private static AddressRefusedException? Refusal(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            if (exception is AddressRefusedException refusal) return refusal;
        return null;
    }

    private static readonly JsonElement Schema = MeshJson.Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["url"],
          "properties": {
            "url": { "type": "string", "minLength": 1, "maxLength": 2000, "description": "The whole address, with https://" }
          }
        }
        """);
}
