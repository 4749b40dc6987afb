using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Samples;

/// <summary>One mail of the sample, its labels, and what became of it.</summary>
internal sealed record Handled(string File, string Split, JsonElement Labels, GoalView Goal, IReadOnlyList<GoalEvent> Journal, IReadOnlyDictionary<string, JsonElement> Values)
{
    public JsonElement this[string kind] => Values[kind];

    public override string ToString() => File;
}

/// <summary>All mails of the support sample, handled at once by one mesh and one ticket service.</summary>
public sealed class SupportInbox(PostgresServer server) : IAsyncLifetime
{
    private static readonly string[] Kinds = ["email", "category", "entities", "passages", "ticket", "reply"];

    private Mesh? mesh;
    private TicketDesk? desk;

    internal IReadOnlyList<Handled> Mails { get; private set; } = [];
    internal MeshCatalogue Catalogue => mesh!.Catalogue;

    /// <summary>What the ticket service says it was asked for.</summary>
    internal IReadOnlyList<JsonElement> TicketLog { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        desk = await TicketDesk.Start();
        // Everything a hostile mail may wish for is there: fetching, files, notifications.
        mesh = await Mesh.Open(server, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AGENTMESH_TICKETS_URL"] = desk.Url, ["AGENTMESH_HTTP_ALLOW"] = "*.brightloaf-reports.example *.azulejo-mirror.example *.brennan-vets-tracking.example http://127.0.0.1", ["AGENTMESH_FILES_ROOT"] = SampleFiles.Path("files"),
        });
        await mesh.AddKnowledge(SampleFiles.Path("support/knowledge"));
        var labels = MeshJson.Parse(await File.ReadAllBytesAsync(SampleFiles.Path("support/labels.json"))).Items("emails");
        Mails = await Task.WhenAll(labels.Select(Handle));
        TicketLog = desk.ReadLog();
    }

    public async ValueTask DisposeAsync()
    {
        if (mesh is not null) await mesh.DisposeAsync();
        if (desk is not null) await desk.DisposeAsync();
    }

    private async Task<Handled> Handle(JsonElement labels)
    {
        var file = labels.Text("file")!;
        var goal = await mesh!.Run(new Goal("Answer this customer") { Attach = [SampleFiles.Path($"support/{file}")], Playbook = "support" });
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var kind in Kinds)
            if (goal.Artifacts.Any(a => a.Kind == kind)) values[kind] = await mesh.Value(goal, kind);
        return new Handled(file, labels.Text("split")!, labels, goal, await mesh.Journal(goal.Goal), values);
    }
}
