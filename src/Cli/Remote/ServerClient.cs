using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentMesh.Contracts;

namespace AgentMesh.Cli.Remote;

/// <summary>
/// HTTP to one server. A server that never answered is said to be unreachable at once; one that did is waited for, because it may be restarting.
/// Problems become the exceptions that the mesh in this process would throw.
/// </summary>
/// <param name="url">With a slash at its end.</param>
/// <param name="say">Told in one line when the connection is lost.</param>
internal sealed class ServerClient(Uri url, HttpClient http, TimeProvider time, Action<string> say) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Until an answer begins; and more for what is sent, as over a slow line.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(100);
    private const double BytesPerSecond = 32 * 1024;
    private bool answered;

    public Uri Url => url;

    /// <summary>A server knows the tenant by the key; one is named only where it is not the usual one.</summary>
    public static string? Named(string tenant) => tenant == "default" ? null : tenant;

    public void Dispose() => http.Dispose();

    public async Task<T> Get<T>(string path, JsonTypeInfo<T> type, CancellationToken ct)
    {
        using var response = await Send(() => new HttpRequestMessage(HttpMethod.Get, path), Patience, HttpCompletionOption.ResponseContentRead, ct);
        return await Read(response, type, ct);
    }

    /// <param name="mayRepeat">The server recognises a repeated request as the same one.</param>
    public async Task Post<T>(string path, T body, JsonTypeInfo<T> type, bool mayRepeat, CancellationToken ct)
    {
        using var response = await Post(path, body, type, mayRepeat ? Patience : TimeSpan.Zero, ct);
    }

    /// <summary>Posts what the server recognises when it comes again, and reads the answer.</summary>
    public async Task<TAnswer> Post<T, TAnswer>(string path, T body, JsonTypeInfo<T> type, JsonTypeInfo<TAnswer> answer, CancellationToken ct)
    {
        using var response = await Post(path, body, type, Patience, ct);
        return await Read(response, answer, ct);
    }

    /// <summary>Posts once, and reads the answer.</summary>
    public async Task<TAnswer> Ask<T, TAnswer>(string path, T body, JsonTypeInfo<T> type, JsonTypeInfo<TAnswer> answer, CancellationToken ct)
    {
        using var response = await Post(path, body, type, TimeSpan.Zero, ct);
        return await Read(response, answer, ct);
    }

    public async Task Delete(string path, CancellationToken ct)
    {
        using var response = await Send(() => new HttpRequestMessage(HttpMethod.Delete, path), Patience, HttpCompletionOption.ResponseContentRead, ct);
    }

    public async Task<T> Read<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken ct)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(ct);
            return await JsonSerializer.DeserializeAsync(body, type, ct) ?? throw NoMesh(response);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw NoMesh(response);
        }
    }

    /// <summary>Sends until there is an answer that is no outage.</summary>
    /// <param name="patience">How long a server that answered before is waited for.</param>
    /// <exception cref="CliException">The server cannot be reached, or is no AgentMesh.</exception>
    /// <exception cref="MeshException">The server's problem, with its code.</exception>
    public async Task<HttpResponseMessage> Send(Func<HttpRequestMessage> request, TimeSpan patience, HttpCompletionOption completion, CancellationToken ct)
    {
        var since = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            Exception trouble;
            var asked = TimeSpan.Zero;
            try
            {
                using var message = request();
                using var limit = new CancellationTokenSource(Limit + TimeSpan.FromSeconds((message.Content?.Headers.ContentLength ?? 0) / BytesPerSecond), time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
                var response = await http.SendAsync(message, completion, either.Token);
                answered = true;
                if (response.IsSuccessStatusCode) return response;
                using (response) trouble = await Problem(response, ct);
                if ((int)response.StatusCode is not (429 or 502 or 503 or 504)) throw trouble;
                asked = response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
            }
            catch (Exception e) when (e is HttpRequestException or IOException || e is OperationCanceledException && !ct.IsCancellationRequested)
            {
                trouble = new CliException($"The server {url} cannot be reached: {Reason(e)} Check --server or AGENTMESH_SERVER, and that it runs.", ExitCodes.Broken, e);
                if (!answered) throw trouble;
            }

            if (time.GetElapsedTime(since) + asked >= patience) throw trouble;
            if (attempt == 1) say(trouble is MeshException problem ? $"{problem.Message} Trying again." : $"The server {url} does not answer; trying again.");
            if (asked > TimeSpan.Zero) await Task.Delay(asked, time, ct);
            else await Pause(attempt, ct);
        }
    }

    private Task<HttpResponseMessage> Post<T>(string path, T body, JsonTypeInfo<T> type, TimeSpan patience, CancellationToken ct)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(body, type);
        return Send(
            () => new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(json) },
            patience, HttpCompletionOption.ResponseContentRead, ct);
    }

    /// <summary>Doubles from 100 ms to two seconds.</summary>
    public Task Pause(int attempt, CancellationToken ct) =>
        Task.Delay(attempt > 4 ? LongestPause : TimeSpan.FromMilliseconds(100 << attempt), time, ct);

    private async Task<Exception> Problem(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") return NoMesh(response);
        var problem = await Read(response, RemoteJson.Default.Problem, ct);
        return new MeshException(problem.Code, problem.Detail);
    }

    private CliException NoMesh(HttpResponseMessage response) => new(
        $"{url} answered {(int)response.StatusCode} to {response.RequestMessage?.RequestUri?.AbsolutePath} as no AgentMesh server does. Check --server or AGENTMESH_SERVER.",
        (int)response.StatusCode >= 500 ? ExitCodes.Broken : ExitCodes.Usage);

    private static ByteArrayContent Json(byte[] json) => new(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static string Reason(Exception e) => e is OperationCanceledException ? "it does not answer in time."
        : (e.InnerException ?? e).Message.TrimEnd('.') + ".";
}
