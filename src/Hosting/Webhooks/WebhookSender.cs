using System.Net.Http.Headers;
using System.Text;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using AgentMesh.Tools.Http;

namespace AgentMesh.Hosting.Webhooks;

/// <summary>Posts over guarded connections. Reads no more of an answer than its status.</summary>
public sealed class WebhookSender : IWebhookSender, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly bool privateToo;
    private readonly HttpClient http;

    /// <param name="setting">Reads <c>AGENTMESH_WEBHOOKS_PRIVATE</c>: <c>true</c> allows receivers on this machine and its networks; default <c>false</c>.</param>
    /// <exception cref="FormatException">The setting has a value that cannot be used.</exception>
    public WebhookSender(Func<string, string?> setting)
    {
        privateToo = setting("AGENTMESH_WEBHOOKS_PRIVATE") switch
        {
            null or "" or "false" => false,
            "true" => true,
            var other => throw new FormatException($"AGENTMESH_WEBHOOKS_PRIVATE is {other}; it takes true or false."),
        };
        http = new HttpClient(OutboundHttp.Handler(privateToo)) { Timeout = Patience };
    }

    public string? Refusal(Uri url) =>
        privateToo || !OutboundHttp.IsPrivate(url) ? null : $"{url.Host} is not on the public internet. An operator may allow such receivers with AGENTMESH_WEBHOOKS_PRIVATE=true.";

    public async Task<WebhookTested> Send(Uri url, IReadOnlyDictionary<string, string> headers, string body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("AgentMesh", null));
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            var status = (int)answer.StatusCode;
            return new WebhookTested(status, answer.IsSuccessStatusCode ? null : status is >= 300 and < 400 ? $"It answered {status}; redirects are not followed." : $"It answered {status}.");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new WebhookTested(null, $"It did not answer within {Patience.TotalSeconds:0} s.");
        }
        catch (HttpRequestException e)
        {
            return new WebhookTested(null, (e.InnerException ?? e).Message);
        }
    }

    public void Dispose() => http.Dispose();
}
