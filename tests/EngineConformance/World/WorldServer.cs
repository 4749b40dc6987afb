using AgentMesh.Doubles;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.EngineConformance;

/// <summary>Lets other processes into a world: one POST for each call of <see cref="IWorld"/>.</summary>
public sealed class WorldServer : IAsyncDisposable
{
    private readonly TestServer server;

    private WorldServer(TestServer server) => this.server = server;

    /// <summary>The world's address for other processes.</summary>
    public string Address => server.Url.ToString();

    public static async Task<WorldServer> Start(IWorld world) => new(await TestServer.Start(request => Answer(world, request)));

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static async Task Answer(IWorld world, HttpContext http)
    {
        var ct = http.RequestAborted;
        var name = http.Request.Query["name"].ToString();
        try
        {
            switch (http.Request.Path.Value)
            {
                case "/arrive": await world.Arrive(name, ct); break;
                case "/pass": await world.Pass(name, ct); break;
                case "/do": await world.Do(name, http.Request.Query["tool"].ToString(), http.Request.Query["text"].ToString(), ct); break;
                case "/happened": http.Response.StatusCode = await world.Happened(name, ct) ? 200 : 404; break;
                default: http.Response.StatusCode = 400; break;
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever waited at the gate is dead or was told to stop.
        }
    }
}

/// <summary>The world as another process reaches it.</summary>
public sealed class WorldClient(Uri address) : IWorld, IDisposable
{
    // A gate may stay shut as long as it likes; the caller's token is the only limit.
    private readonly HttpClient http = new() { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    public async Task Arrive(string place, CancellationToken ct) => (await Post("arrive", place, ct)).EnsureSuccessStatusCode().Dispose();

    public async Task Pass(string gate, CancellationToken ct) => (await Post("pass", gate, ct)).EnsureSuccessStatusCode().Dispose();

    public async Task Do(string key, string tool, string text, CancellationToken ct) =>
        (await Post("do", key, ct, $"&tool={Uri.EscapeDataString(tool)}&text={Uri.EscapeDataString(text)}")).EnsureSuccessStatusCode().Dispose();

    public async Task<bool> Happened(string key, CancellationToken ct)
    {
        using var answer = await Post("happened", key, ct);
        return answer.IsSuccessStatusCode || (answer.StatusCode == System.Net.HttpStatusCode.NotFound ? false : throw new HttpRequestException($"The world answers {answer.StatusCode}."));
    }

    public void Dispose() => http.Dispose();

    private Task<HttpResponseMessage> Post(string call, string name, CancellationToken ct, string more = "") =>
        http.PostAsync(new Uri($"{call}?name={Uri.EscapeDataString(name)}{more}", UriKind.Relative), null, ct);
}
