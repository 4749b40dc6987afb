using System.Text.Json;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;

namespace AgentMesh.Samples;

/// <summary>The mesh exactly as the command line composes it, on a schema and in a home of its own.</summary>
internal sealed class Mesh : IAsyncDisposable
{
    private MeshHost host;
    private readonly Terminal terminal;

    private Mesh(MeshHost host, Terminal terminal, string home) => (this.host, this.terminal, Home) = (host, terminal, home);

    public string Home { get; }
    public MeshCatalogue Catalogue => host.Parts.Catalogue;
    public IMesh Goals => host.Mesh;

    /// <param name="settings">AGENTMESH_ variables; the store and the home are set here.</param>
    /// <param name="files">Files that the home has before the mesh starts: path below it → text.</param>
    public static async Task<Mesh> Open(PostgresServer server, IReadOnlyDictionary<string, string> settings, params (string Path, string Text)[] files)
    {
        var home = Directory.CreateTempSubdirectory("am-mesh-").FullName;
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(home, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text);
        }

        var environment = new Dictionary<string, string>(settings, StringComparer.Ordinal)
        {
            ["AGENTMESH_POSTGRES"] = await server.NewSchema(), ["AGENTMESH_HOME"] = home, ["AGENTMESH_USER"] = "tester",
        };
        var console = Terminal.Plain(TextWriter.Null, TextWriter.Null, TextReader.Null, name => environment.GetValueOrDefault(name));
        return new Mesh(await MeshHost.Open(console, TestContext.Current.CancellationToken), console, home);
    }

    /// <summary>Ends the host where it is, and lets another take its place.</summary>
    public async Task Restart()
    {
        await host.DisposeAsync();
        host = await MeshHost.Open(terminal, TestContext.Current.CancellationToken);
    }

    /// <summary>Submits a goal the way <c>agentmesh run</c> does.</summary>
    public async Task<GoalId> Submit(Goal goal)
    {
        var submission = new Submission
        {
            Text = goal.Text, Attachments = goal.Attach, Tables = goal.Data, Knowledge = [], Wants = goal.Want, Playbook = goal.Playbook, Constraints = goal.Constraints,
        };
        return await submission.Submit(host, submission.ReadFiles(), terminal, TestContext.Current.CancellationToken);
    }

    public async Task<GoalView> Run(Goal goal) => await Wait(await Submit(goal));

    public Task<GoalView> Wait(GoalId goal) => Goals.Wait(goal, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    public Task AddKnowledge(string folder) => KnowledgeFolder.Add(host.Knowledge, folder, null, terminal, TestContext.Current.CancellationToken);

    public async Task<List<GoalEvent>> Journal(GoalId goal) =>
        await Goals.Events(goal, ct: TestContext.Current.CancellationToken).Select(entry => entry.Event).ToListAsync(TestContext.Current.CancellationToken);

    /// <summary>The value of the goal's artifact of a kind, wherever it is stored.</summary>
    public async Task<JsonElement> Value(GoalView goal, string kind)
    {
        var artifact = Assert.Single(goal.Artifacts, a => a.Kind == kind);
        if (artifact.Value is { } value) return value;
        var bytes = await host.Store.Content.Get(artifact.Content!, TestContext.Current.CancellationToken);
        return MeshJson.Parse(bytes);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        Directory.Delete(Home, recursive: true);
    }
}

/// <summary>What a test submits.</summary>
internal sealed record Goal(string Text)
{
    public IReadOnlyList<string> Attach { get; init; } = [];
    public IReadOnlyList<string> Data { get; init; } = [];
    public IReadOnlyList<string> Want { get; init; } = [];
    public string? Playbook { get; init; }
    public GoalConstraints Constraints { get; init; } = new() { Approvals = ApprovalMode.Auto };
}
