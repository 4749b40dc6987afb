using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Limits;
using AgentMesh.Gateway.Security;
using AgentMesh.Local;
using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;
using AgentMesh.Tools.Mail;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Gateway.Tests;

/// <summary>
/// The gateway over a real single-process mesh on a journal in memory. Its one role does what the goal's text says: <c>ask</c> a question, <c>call</c> a
/// tool that needs consent, <c>hold</c> until released; anything else is done at once.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly LocalEngine hosted;
    private readonly TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private World(WebApplication app, LocalEngine engine) => (server, hosted) = (app, engine);

    public HttpClient Client { get; private set; } = null!;
    public IMesh Mesh { get; private set; } = null!;
    public IKeyStore Keys => server.Services.GetRequiredService<IKeyStore>();
    public Machines Machines { get; } = new();

    /// <summary>Nobody is asked who they are.</summary>
    public static AuthOptions Unasked { get; } = new() { Mode = AuthMode.None };

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<World> Start(GatewayOptions? options = null, TimeProvider? time = null, Func<IMesh, IMesh>? decorate = null, Action<WebApplication>? map = null,
        bool listens = false, IUsage? usage = null, ILoggerProvider? logs = null, Action<IServiceCollection>? services = null)
    {
        World? world = null;
        var store = new Contents();
        var journal = new InMemoryJournal();
        var tool = new SendNote();
        var catalogue = MeshCatalogue.Empty with
        {
            Roles = new Dictionary<string, RoleDescriptor>(StringComparer.Ordinal) { ["worker"] = new() { Name = "worker", Purpose = "works", Tools = ["note.send"] } },
            Tools = new Dictionary<string, ToolDescriptor>(StringComparer.Ordinal) { ["note.send"] = tool.Descriptor },
        };
        var engine = new LocalEngine(
            new LocalOptions(), journal,
            host => new GoalWork(
                host, new PlanRunner(new OneStep(), catalogue),
                new LocalAttempts(
                    host,
                    new StepRunner(
                        new Worker(() => world!.release.Task), new Toolbox([tool]), NoModels.Instance, store, catalogue, new RuntimeOptions(), TimeProvider.System,
                        NullLogger<StepRunner>.Instance),
                    NullLogger<LocalAttempts>.Instance),
                NullLogger<GoalWork>.Instance),
            $"host-{Guid.NewGuid():N}", TimeProvider.System, NullLogger<LocalEngine>.Instance);
        IMesh mesh = new LocalMesh(engine, journal, catalogue, new TimeOrderedGoalIds(TimeProvider.System));
        if (decorate is not null) mesh = decorate(mesh);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace);
        if (logs is not null) builder.Logging.AddProvider(logs);
        if (listens) builder.WebHost.UseUrls("http://127.0.0.1:0");
        else builder.WebHost.UseTestServer();
        builder.Services.AddSingleton(mesh).AddSingleton(catalogue).AddSingleton<IContentStore>(store).AddSingleton(usage ?? journal)
            .AddSingleton<IAttachmentReader>(new AttachmentReader()).AddSingleton<IKnowledge>(new Documents());
        if (time is not null) builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IKeyStore>(new InMemoryKeys()).AddSingleton<IAuditLog>(new InMemoryAudit());
        builder.Services.AddAgentMeshGateway(options ?? new GatewayOptions { Auth = Unasked }).AddSingleton<IOperations>(_ => world!.Machines);
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapAgentMesh();
        map?.Invoke(app);
        world = new World(app, engine) { Mesh = mesh };
        await app.StartAsync(Ct);
        world.Client = listens ? new HttpClient { BaseAddress = new Uri(app.Urls.First()) } : app.GetTestClient();
        return world;
    }

    /// <summary>The key of <see cref="Guarded"/> with role admin.</summary>
    public const string Admin = "am_admin_0123456789abcdef0123456789abcdef";

    /// <summary>Everybody shows a key.</summary>
    public static GatewayOptions Guarded { get; } = new() { Auth = new AuthOptions { AdminKey = Admin }, Limits = new LimitOptions { RequestsPerSecond = 0 } };

    /// <summary>Every route that the app has, as <c>GET /v1/goals/{id}</c>, with who may call it.</summary>
    public IReadOnlyDictionary<string, Access> Routes => RoutesWhere(_ => true);

    /// <summary>The routes of the API itself: other protocols have descriptions of their own.</summary>
    public IEnumerable<string> Described => RoutesWhere(e => e.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null).Keys;

    private Dictionary<string, Access> RoutesWhere(Func<RouteEndpoint, bool> which) => server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(which)
        .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Select(m => ($"{m} {e.RoutePattern.RawText}", e.Metadata.GetMetadata<Access>()!)))
        .ToDictionary(r => r.Item1, r => r.Item2, StringComparer.Ordinal);

    /// <summary>A new key, made by the admin.</summary>
    public async Task<string> Key(string tenant, string name, params CallerRole[] roles) => (await MakeKey(tenant, name, roles)).GetProperty("secret").GetString()!;

    public async Task<JsonElement> MakeKey(string tenant, string name, IReadOnlyList<CallerRole> roles, string more = "")
    {
        var list = string.Join(',', roles.Select(r => $"\"{r.ToString().ToLowerInvariant()}\""));
        var made = await As(Admin, HttpMethod.Post, "/v1/keys", $$"""{"name":"{{name}}","tenant":"{{tenant}}","roles":[{{list}}]{{more}}}""");
        Assert.Equal((201, ""), (made.Status, made.Status == 201 ? "" : made.Text));
        return made.Json;
    }

    /// <summary>Sends with a key, or with none.</summary>
    public Task<Answer> As(string? key, HttpMethod method, string path, string? json = null) => Send(
        method, path, json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"), key is null ? [] : [("Authorization", $"Bearer {key}")]);

    public Task<Answer> As(string? key, string path) => As(key, HttpMethod.Get, path);

    /// <summary>Lets every held goal go on.</summary>
    public void Release() => release.TrySetResult();

    public Task Stop() => server.StopAsync(Ct);

    public async Task<GoalId> Submit(string text)
    {
        var answer = await Post("/v1/goals", $$"""{"text":"{{text}}"}""");
        Assert.Equal(201, answer.Status);
        return new GoalId(answer.Json.GetProperty("goal").GetString()!);
    }

    /// <summary>Asks until the answer is no longer this one: of what a server does when it has answered nothing tells but its next answers.</summary>
    public static async Task<Answer> Unless(int status, Func<Task<Answer>> ask)
    {
        while (true)
        {
            Ct.ThrowIfCancellationRequested();
            if (await ask() is var answer && answer.Status != status) return answer;
        }
    }

    public Task<Answer> Get(string path) => Send(HttpMethod.Get, path, null);

    public Task<Answer> Post(string path, string json, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"), headers);

    public Task<Answer> Post(string path, byte[] bytes) =>
        Send(HttpMethod.Post, path, new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } });

    public async Task<Answer> Send(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        // A list that is followed has no end.
        var text = response.IsSuccessStatusCode && path.EndsWith("approvals/events", StringComparison.Ordinal) ? "" : await response.Content.ReadAsStringAsync(Ct);
        return new Answer((int)response.StatusCode, text, response.Content.Headers.ContentType?.MediaType, response.Headers.Location?.ToString(), response.Headers.RetryAfter?.ToString());
    }

    /// <summary>An event stream, its answer begun.</summary>
    public async Task<StreamReader> Open(string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.Equal((200, "text/event-stream"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return new StreamReader(await response.Content.ReadAsStreamAsync(Ct));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await server.DisposeAsync();
        await hosted.DisposeAsync();
    }

    private sealed class Worker(Func<Task> released) : IAgent
    {
        private static readonly StepOutcome Done = new StepOutcome.Completed(MeshJson.Parse("""{"ok":true}"""), 1, "rules", Rationale.Because("It was asked for."));

        public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
        {
            if (work.Spec.Text == "ask" && work.Answers.Count == 0) return new StepOutcome.Ask("Go on?", ["yes", "no"]);
            if (work.Spec.Text == "call") _ = await calls.Call("note.send", MeshJson.Parse("""{"text":"hello"}"""), ct);
            if (work.Spec.Text == "hold") await released().WaitAsync(ct);
            return Done;
        }
    }

    private sealed class OneStep : IPlanner
    {
        public Task<PlanMade> Plan(PlanRequest request, GoalBudget budget, CancellationToken ct) => Task.FromResult(new PlanMade(
            request.Version > 1 ? null : new Plan
            {
                Version = 1, Proposer = "test", Why = Rationale.Because("There is one way."), Deliver = [new("a")],
                Steps = [new PlanStep { Id = new("a"), Role = "worker", Instruction = "work", Produces = "note", Tools = ["note.send"] }],
            },
            ["no other plan"], null));
    }

    private sealed class SendNote : ITool
    {
        public ToolDescriptor Descriptor { get; } = new()
        {
            Name = "note.send", Description = "Sends a note.", Effect = ToolEffect.Idempotent, Approval = ToolApproval.Always,
            Parameters = MeshJson.Parse("""{"type":"object","properties":{"text":{"type":"string"}},"required":["text"],"additionalProperties":false}"""),
        };

        public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct) => Task.FromResult(new ToolResult(MeshJson.Parse("""{"sent":true}""")));
    }

    private sealed class Contents : IContentStore
    {
        private readonly ConcurrentDictionary<string, byte[]> stored = new(StringComparer.Ordinal);

        public Task<ContentRef> Put(ReadOnlyMemory<byte> content, string mediaType, CancellationToken ct)
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
            stored[hash] = content.ToArray();
            return Task.FromResult(new ContentRef(hash, content.Length, mediaType));
        }

        public Task<ReadOnlyMemory<byte>> Get(ContentRef content, CancellationToken ct) => Task.FromResult<ReadOnlyMemory<byte>>(stored[content.Sha256]);
    }

    private sealed class Documents : IKnowledge
    {
        private readonly List<KnowledgeDocument> documents = [];

        public Task Add(KnowledgeDocument document, CancellationToken ct)
        {
            lock (documents) documents.Add(document);
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<Passage>> Search(string tenant, IReadOnlyList<string> collections, string query, int limit, CancellationToken ct)
        {
            lock (documents)
            {
                return Task.FromResult<IReadOnlyList<Passage>>(
                [
                    .. documents.Where(d => d.Tenant == tenant && d.Text.Contains(query, StringComparison.OrdinalIgnoreCase)).Take(limit)
                        .Select(d => new Passage(d.Collection, d.Name, d.Name, 0, d.Text.Length, d.Text, 1)),
                ]);
            }
        }

        public Task<IReadOnlyList<KnowledgeEntry>> List(string tenant, string? collection, CancellationToken ct)
        {
            lock (documents)
            {
                return Task.FromResult<IReadOnlyList<KnowledgeEntry>>(
                    [.. documents.Where(d => d.Tenant == tenant).Select(d => new KnowledgeEntry(d.Collection, d.Name, d.Name, d.Text.Length, 1, DateTimeOffset.UnixEpoch))]);
            }
        }
    }
}

internal sealed record Answer(int Status, string Text, string? MediaType, string? Location, string? RetryAfter = null)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The answer, once it is sure that it is a problem with that status and code, and says something.</summary>
    public Answer Problem(int status, string code)
    {
        Assert.Equal((status, "application/problem+json"), (Status, MediaType));
        Assert.Equal((code, status), (Json.GetProperty("code").GetString(), Json.GetProperty("status").GetInt32()));
        Assert.NotEmpty(Json.GetProperty("detail").GetString()!);
        Assert.DoesNotContain("AgentMesh.", Text, StringComparison.Ordinal);
        return this;
    }
}

/// <summary>Two silos, the second of which may be drained.</summary>
internal sealed class Machines : IOperations
{
    public List<string> Drained { get; } = [];

    public Task<ClusterView> Status(CancellationToken ct = default) => Task.FromResult(new ClusterView("test", [Silo("a"), Silo("b")]));

    public Task Drain(string silo, CancellationToken ct = default)
    {
        if (silo is not ("a" or "b")) throw new MeshException("silo-not-found", $"There is no silo {silo}.");
        if (silo == "a") throw new MeshException("last-silo", "Nothing would be left.");
        Drained.Add(silo);
        return Task.CompletedTask;
    }

    public Task<ActivityView> Activity(TimeSpan window, CancellationToken ct = default) =>
        Task.FromResult(new ActivityView(DateTimeOffset.UnixEpoch, window, [new SiloActivity("a", [], [], [1], [0])]));

    private SiloView Silo(string name) => new(
        name, $"127.0.0.1:11111@{name}", Drained.Contains(name) ? SiloStatus.Draining : SiloStatus.Active, ["agents"], "0.1.0", null, 3, 5, 1024, []);
}
