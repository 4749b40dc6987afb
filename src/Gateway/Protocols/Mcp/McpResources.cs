using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Artifacts;
using AgentMesh.Gateway.Goals;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Protocols.JsonRpc;
using AgentMesh.Gateway.Security;

namespace AgentMesh.Gateway.Protocols.Mcp;

/// <summary>Goals' journals and artifacts as resources: <c>agentmesh://goals/ID/journal</c> and <c>agentmesh://goals/ID/artifacts/ARTIFACT</c>.</summary>
internal sealed class McpResources(IContentStore store, GatewayOptions options)
{
    private const string Root = "agentmesh://goals/";
    private const int NotFound = -32002;
    private const int PageSize = 50;
    private const string MediaType = "application/json";

    /// <summary>Journals of the newest goals first; artifacts are found by their template.</summary>
    public static async Task<JsonObject> List(CallerMesh mesh, string? cursor, CancellationToken ct)
    {
        var before = cursor is null ? (GoalId?)null : GoalCursor.Decode(cursor) ?? throw new RpcException(RpcException.InvalidParams, "cursor is the nextCursor of an earlier page, unchanged.");
        var (goals, next) = await Pages.Goals(mesh, new GoalQuery(Limit: PageSize, Before: before), ct);
        var listing = new JsonObject
        {
            ["resources"] = new JsonArray([.. goals.Select(g => new JsonObject
            {
                ["uri"] = $"{Root}{g.Goal}/journal", ["name"] = $"{g.Goal}", ["title"] = g.Text, ["description"] = $"The journal of a goal that is {g.Status}.", ["mimeType"] = MediaType,
            })]),
        };
        if (next is not null) listing["nextCursor"] = next;
        return listing;
    }

    public static JsonObject Templates() => new()
    {
        ["resourceTemplates"] = new JsonArray(
            Template("{goal}/journal", "journal", "All that happened to a goal, in order: the facts that everything else derives from."),
            Template("{goal}/artifacts/{artifact}", "artifact", "A value that a goal was given or made, with where it came from and how far it may be believed.")),
    };

    /// <param name="current">Whether the current revision is spoken: it has no code of its own for what is not there.</param>
    public async Task<JsonObject> Read(CallerMesh mesh, string uri, bool current, CancellationToken ct) => await Text(mesh, uri, ct) is { } text
        ? new JsonObject { ["contents"] = new JsonArray(new JsonObject { ["uri"] = uri, ["mimeType"] = MediaType, ["text"] = text }) }
        : throw new RpcException(current ? RpcException.InvalidParams : NotFound, "There is no such resource. resources/templates/list says what there is.");

    private async Task<string?> Text(CallerMesh mesh, string uri, CancellationToken ct)
    {
        try
        {
            return !uri.StartsWith(Root, StringComparison.Ordinal) ? null : uri[Root.Length..].Split('/') switch
            {
                [var goal, "journal"] => await Journal(mesh, goal, ct),
                [var goal, "artifacts", .. { Length: > 0 } artifact] => await Artifact(mesh, goal, Uri.UnescapeDataString(string.Join('/', artifact)), ct),
                _ => null,
            };
        }
        catch (MeshException e) when (e.Code == "goal-not-found")
        {
            return null;
        }
    }

    private static async Task<string> Journal(CallerMesh mesh, string goal, CancellationToken ct)
    {
        var entries = new List<string>();
        await foreach (var entry in mesh.Events(Input.Goal(Uri.UnescapeDataString(goal)), ct: ct)) entries.Add(JsonSerializer.Serialize(entry, MeshJson.Default.JournalEntry));
        return $"[{string.Join(",\n", entries)}]";
    }

    private async Task<string?> Artifact(CallerMesh mesh, string goal, string artifact, CancellationToken ct)
    {
        var view = await mesh.Get(Input.Goal(Uri.UnescapeDataString(goal)), ct);
        return view.Artifacts.FirstOrDefault(a => a.Id.Value == artifact) is { } found
            ? JsonSerializer.Serialize(await ArtifactValue.Shown(found, store, options.MaxShownBytes, ct), MeshJson.Default.Artifact) : null;
    }

    private static JsonObject Template(string path, string name, string description) => new()
    {
        ["uriTemplate"] = Root + path, ["name"] = name, ["description"] = description, ["mimeType"] = MediaType,
    };
}
