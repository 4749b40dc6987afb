using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.Redaction;

namespace AgentMesh.Inference.OpenAi;

/// <summary>One server that speaks the OpenAI API: sends JSON, gets JSON or events back, and fails only with <see cref="ModelException"/>.</summary>
/// <param name="http">Without a timeout of its own; not owned.</param>
internal sealed class ModelEndpoint(HttpClient http, Uri url, string? apiKey, long maxResponseBytes, Redactor redactor, TimeProvider time)
{
    private const int MaxErrorBytes = 64 * 1024;

    public Uri Url => url;

    public EndpointErrors Errors { get; } = new(url, redactor, time);

    /// <summary>Whether what is sent stays on this machine.</summary>
    public bool IsLocal => url.IsLoopback;

    /// <returns>A response of status 2xx; the caller disposes of it.</returns>
    /// <exception cref="RefusedException">Another status, with the answer's text for those who can adapt to it.</exception>
    public async Task<HttpResponseMessage> Post(string operation, byte[] json, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url, operation)) { Content = new ByteArrayContent(json) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("AgentMesh", "0.1"));
            if (apiKey is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);

            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode) return response;
            using (response)
            {
                var body = await Beginning(response, cancellationToken);
                throw new RefusedException(body, Errors.Status((int)response.StatusCode, body, response.Headers.RetryAfter, response.Headers.Location));
            }
        }
        catch (Exception e) when (EndpointErrors.IsTransport(e, cancellationToken))
        {
            throw Errors.Transport(e, answering: false);
        }
    }

    public async Task<T> Read<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await Body(response, cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken) ?? throw Errors.NotJson(null);
        }
        catch (JsonException)
        {
            throw Errors.NotJson(response.Content.Headers.ContentType?.MediaType);
        }
        catch (Exception e) when (EndpointErrors.IsTransport(e, cancellationToken))
        {
            throw Errors.Transport(e, answering: true);
        }
    }

    public async Task<Stream> Body(HttpResponseMessage response, CancellationToken cancellationToken) =>
        new BoundedStream(await response.Content.ReadAsStreamAsync(cancellationToken), maxResponseBytes);

    private static async Task<string> Beginning(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxErrorBytes];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        try
        {
            return Encoding.UTF8.GetString(buffer, 0, await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken));
        }
        catch (IOException)
        {
            // The status alone says enough; its explanation was cut off.
            return "";
        }
    }
}

/// <summary>Stays inside this folder: carries the endpoint's words to where a dialect or a missing feature is recognised.</summary>
internal sealed class RefusedException(string body, ModelException error) : Exception(error.Message, error)
{
    public string Body { get; } = body;
    public ModelException Error { get; } = error;
}
