using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AgentMesh.Contracts;

namespace AgentMesh.ClusterCrash;

/// <summary>The HTTP API of one silo, as any client of it.</summary>
internal static class Gateway
{
    /// <summary>What the silos know their admin by.</summary>
    public const string Key = "am_campaign_0123456789abcdef0123456789abcdef";

    /// <summary>Longer than the API lets a caller wait for a goal, shorter than anybody would wait for a dead silo.</summary>
    private static readonly HttpClient Http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(3), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10) })
    {
        Timeout = TimeSpan.FromSeconds(20), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Key) },
    };

    public const int WaitSeconds = 10;

    public static async Task<bool> IsReady(string url)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            using var answer = await Http.GetAsync($"{url}/health/ready", limit.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <param name="key">Makes the submit repeatable; null for one that is not.</param>
    public static async Task<GoalAccepted> Submit(string url, GoalRequest request, string? key)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"{url}/v1/goals") { Content = Json(request, ClientJson.Default.GoalRequest) };
        if (key is not null) message.Headers.Add("Idempotency-Key", key);
        return await Ask(message, ClientJson.Default.GoalAccepted);
    }

    /// <summary>The goal when it is over, waits for a person, or after ten seconds.</summary>
    public static async Task<GoalView> Wait(string url, GoalId goal)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, $"{url}/v1/goals/{goal}/wait?timeout={WaitSeconds}");
        return await Ask(message, MeshJson.Default.GoalView);
    }

    public static Task Approve(string url, GoalId goal, RequestId request) =>
        Post($"{url}/v1/goals/{goal}/requests/{request}/decision", new DecisionRequest("approve", "tester"), ClientJson.Default.DecisionRequest);

    public static Task Answer(string url, GoalId goal, RequestId request, string answer) =>
        Post($"{url}/v1/goals/{goal}/requests/{request}/answer", new AnswerRequest(answer, "tester"), ClientJson.Default.AnswerRequest);

    public static Task AddKnowledge(string url, string collection, string name, string text) =>
        Post($"{url}/v1/knowledge", new KnowledgeRequest(collection, name, text), ClientJson.Default.KnowledgeRequest);

    private static async Task Post<T>(string url, T body, JsonTypeInfo<T> type)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, url) { Content = Json(body, type) };
        using var answer = await Http.SendAsync(message);
        await Check(answer);
    }

    private static async Task<T> Ask<T>(HttpRequestMessage message, JsonTypeInfo<T> type)
    {
        using var answer = await Http.SendAsync(message);
        await Check(answer);
        return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(), type)!;
    }

    private static async Task Check(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode) throw new RefusedException(answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static ByteArrayContent Json<T>(T body, JsonTypeInfo<T> type) =>
        new(JsonSerializer.SerializeToUtf8Bytes(body, type)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}

/// <summary>The API answered with a problem.</summary>
internal sealed class RefusedException(HttpStatusCode status, string problem) : Exception($"{(int)status} {problem}")
{
    public HttpStatusCode Status => status;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(GoalRequest))]
[JsonSerializable(typeof(GoalAccepted))]
[JsonSerializable(typeof(DecisionRequest))]
[JsonSerializable(typeof(AnswerRequest))]
[JsonSerializable(typeof(KnowledgeRequest))]
internal sealed partial class ClientJson : JsonSerializerContext;
