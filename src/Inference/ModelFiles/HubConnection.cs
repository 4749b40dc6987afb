using System.Net.Http.Headers;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>
/// Requests to the hub and to where it sends us. Follows redirects itself, because the token belongs to the endpoint's host alone, and never from
/// https to http.
/// </summary>
/// <param name="http">Follows no redirects and has no timeout of its own; not owned.</param>
internal sealed class HubConnection(HttpClient http, HubOptions options, PullOptions patience, TimeProvider time)
{
    private const int MostHops = 8;

    /// <summary>A client as this class needs it; proxies are those of HTTPS_PROXY and NO_PROXY.</summary>
    public static HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(30), PooledConnectionLifetime = TimeSpan.FromMinutes(10) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public TimeProvider Time => time;

    public Silence Silence(CancellationToken ct) => new(patience.Silence, time, ct);

    /// <summary>Whether a file is on the hub, rather than at any address.</summary>
    public bool IsHub(Uri url) => IsSame(url, options.Endpoint);

    public static bool IsSame(Uri one, Uri other) => one.Scheme == other.Scheme && one.IdnHost == other.IdnHost && one.Port == other.Port;

    /// <param name="prepare">Adds headers for one hop.</param>
    /// <param name="look">Sees every answer on the way; true ends the way with a redirect.</param>
    /// <returns>The last answer and where it came from; the caller disposes of it.</returns>
    /// <exception cref="PassingException">No answer, or one that may pass.</exception>
    public async Task<(HttpResponseMessage Answer, Uri From)> Send(
        HttpMethod method, Uri url, string subject, Action<HttpRequestMessage>? prepare, Func<HttpResponseMessage, Uri, bool>? look, Silence silence, CancellationToken ct)
    {
        for (var hop = 0; hop < MostHops; hop++)
        {
            using var request = new HttpRequestMessage(method, url);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("AgentMesh", "0.1"));
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
            if (options.SendsToken && IsSame(url, options.Endpoint)) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
            prepare?.Invoke(request);
            var answer = await Ask(request, silence, ct);
            try
            {
                var ends = look?.Invoke(answer, url) ?? false;
                if (ends || (int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308))
                {
                    CheckStatus(answer, url, subject);
                    return (answer, url);
                }

                url = Next(url, answer);
            }
            catch
            {
                answer.Dispose();
                throw;
            }

            answer.Dispose();
        }

        throw ModelFileException.Broken($"{url.Host} sends us in circles for {subject}.");
    }

    /// <summary>Whether a failure to send or to read is the network's, not ours and not the caller's wish.</summary>
    public static bool IsCut(Exception e, CancellationToken ct) => e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested);

    public static PassingException Cut(Exception e, Uri from) => new(
        e switch
        {
            OperationCanceledException => $"{from.Host} fell silent.",
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => $"There is no host {from.Host}, or no network.",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => $"{from.Host} cannot be reached.",
            _ => $"The connection to {from.Host} broke off.",
        },
        null, e);

    private async Task<HttpResponseMessage> Ask(HttpRequestMessage request, Silence silence, CancellationToken ct)
    {
        var url = request.RequestUri!;
        try
        {
            silence.Broken();
            var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
            silence.Broken();
            return answer;
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw ModelFileException.Broken($"{url.Host} has no certificate that this machine trusts.", e);
        }
        catch (Exception e) when (IsCut(e, ct))
        {
            throw Cut(e, url);
        }
    }

    private static Uri Next(Uri url, HttpResponseMessage answer)
    {
        if (answer.Headers.Location is not { } location || !Uri.TryCreate(url, location, out var next) || next.Scheme is not ("http" or "https"))
            throw ModelFileException.Broken($"{url.Host} sends us to no address.");
        return next.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp ? next
            : throw ModelFileException.Broken($"{url.Host} sends us from https to http, to {next.Host}: refused.");
    }

    private void CheckStatus(HttpResponseMessage answer, Uri url, string subject)
    {
        var status = (int)answer.StatusCode;
        if (status is 408 or 425 or 429 or >= 500) throw new PassingException($"{url.Host} answers {status} for {subject}.", RetryAfter(answer));
        if (status is not (401 or 403 or 404 or 410 or 451)) return;
        if (!IsHub(url)) throw ModelFileException.Asked($"{url.Host} answers {status} for {subject}: check the address.");
        var code = answer.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.First() : "";
        var repo = string.Join('/', subject.Split('/', '@', ' ').Take(2));
        throw ModelFileException.Asked((status, code) switch
        {
            (_, "GatedRepo") or (403, _) => $"{repo} is gated: accept its terms at {options.Endpoint}{repo} and set HF_TOKEN to a token that may read it{TokenNote()}.",
            (_, "RevisionNotFound") => $"{subject}: there is no such revision of {repo}.",
            (_, "EntryNotFound") => $"{subject}: there is no such file.",
            (401, _) or (_, "RepoNotFound") => $"There is no {repo} at {url.Host}, or it is private: check the name, or set HF_TOKEN to a token that may read it{TokenNote()}.",
            _ => $"{url.Host} has no {subject}: check the name.",
        });
    }

    private string TokenNote() => options switch
    {
        { Token: null } => "",
        { SendsToken: false } => " (the token was not sent: HF_ENDPOINT is not encrypted)",
        _ => " (the one that is set was refused)",
    };

    private TimeSpan? RetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        _ => null,
    };
}
