using System.Runtime.CompilerServices;
using AgentMesh.Agents;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.Gateway;
using AgentMesh.Gateway.Security;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Cli.Tests;

/// <summary>The mesh of one shell behind a real HTTP server, for the shells of others.</summary>
internal sealed class MeshServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly MeshHost host;

    private MeshServer(WebApplication app, MeshHost host) => (this.app, this.host) = (app, host);

    public string Url => app.Urls.First();

    /// <summary>How many event streams end too early, each after two entries.</summary>
    public int Cuts { get; set; }

    /// <summary>How many event streams, after those, break off with their connection.</summary>
    public int Breaks { get; set; }

    /// <summary>Where each event stream began.</summary>
    public List<long> Followed { get; } = [];

    public static async Task<MeshServer> Start(Shell shell, string? adminKey = null)
    {
        var terminal = Terminal.Plain(TextWriter.Null, TextWriter.Null, TextReader.Null, name => shell.Environment.GetValueOrDefault(name));
        var mesh = await MeshHost.Open(terminal, TestContext.Current.CancellationToken);
        MeshServer? server = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(mesh.Parts.Catalogue).AddSingleton<IContentStore>(mesh.Store.Content).AddSingleton<IUsage>(mesh.Store.Usage).AddSingleton(mesh.Parts.Attachments)
            .AddSingleton(mesh.Knowledge).AddSingleton<IOperations>(new Machines()).AddSingleton<IMesh>(_ => new CuttingMesh(mesh.Mesh, server!))
            .AddSingleton<IKeyStore>(mesh.Store.Keys).AddSingleton<IAuditLog>(mesh.Store.Audit)
            .AddAgentMeshGateway(new GatewayOptions { Auth = new AuthOptions { Mode = adminKey is null ? AuthMode.None : AuthMode.Keys, AdminKey = adminKey } });
        var web = builder.Build();
        web.MapAgentMesh();
        server = new MeshServer(web, mesh);
        await web.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await host.DisposeAsync();
    }

    /// <summary>An exception behind the first bytes makes the server break the connection off, as a crash would.</summary>
    private sealed class CuttingMesh(IMesh inner, MeshServer server) : IMesh
    {
        public async IAsyncEnumerable<JournalEntry> Events(GoalId goal, long after = 0, bool follow = false, [EnumeratorCancellation] CancellationToken ct = default)
        {
            lock (server.Followed) server.Followed.Add(after);
            var cut = server.Cuts-- > 0;
            var breaks = !cut && server.Breaks-- > 0;
            var left = cut || breaks ? 2 : int.MaxValue;
            await foreach (var entry in inner.Events(goal, after, follow, ct))
            {
                yield return entry;
                if (--left > 0) continue;
                if (cut) yield break;
                throw new IOException("The test breaks the connection.");
            }
        }

        public Task<GoalId> Fork(GoalId goal, ForkRequest request, GoalId? fork = null, CancellationToken ct = default) => inner.Fork(goal, request, fork, ct);
        public Task<GoalId> Submit(GoalSpec spec, GoalId? goal = null, CancellationToken ct = default) => inner.Submit(spec, goal, ct);
        public Task<GoalView> Get(GoalId goal, CancellationToken ct = default) => inner.Get(goal, ct);
        public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => inner.List(query, ct);
        public Task<GoalView> Wait(GoalId goal, CancellationToken ct = default) => inner.Wait(goal, ct);
        public Task Decide(GoalId goal, ApprovalDecided decision, CancellationToken ct = default) => inner.Decide(goal, decision, ct);
        public Task Answer(GoalId goal, QuestionAnswered answer, CancellationToken ct = default) => inner.Answer(goal, answer, ct);
        public Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default) => inner.Tell(goal, message, ct);
        public Task Cancel(GoalId goal, CancelRequested request, CancellationToken ct = default) => inner.Cancel(goal, request, ct);
    }

    /// <summary>Two silos; one that drains is gone at the third look.</summary>
    private sealed class Machines : IOperations
    {
        private int looks = -1;

        public Task<ClusterView> Status(CancellationToken ct = default)
        {
            var goals = looks < 0 ? 7 : looks-- * 2;
            return Task.FromResult(new ClusterView("test", goals == 0 && looks < 0 ? [Silo("a", SiloStatus.Active, 1)] : [Silo("a", SiloStatus.Active, 1), Silo("b", looks < 0 ? SiloStatus.Active : SiloStatus.Draining, goals)]));
        }

        public Task Drain(string silo, CancellationToken ct = default)
        {
            looks = silo == "b" ? 2 : throw new MeshException("silo-not-found", $"There is no silo {silo}.");
            return Task.CompletedTask;
        }

        public Task<ActivityView> Activity(TimeSpan window, CancellationToken ct = default) => Task.FromResult(new ActivityView(
            DateTimeOffset.UnixEpoch, window, [new SiloActivity("a", [new GrainActivity("writer", 4, 120, 3, 2, 1.5, 250, [120], [3])], [], [1], [0])]));

        private static SiloView Silo(string name, SiloStatus status, int goals) => new(
            name, "127.0.0.1:11111@1", status, ["agents"], "0.1.0", null, goals, 5, 64 << 20, [new DeviceView("llama", "gpu0", 8, 3, 1, 42.5)]);
    }
}
