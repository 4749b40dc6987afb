using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentMesh.Catalog;
using AgentMesh.Contracts;
using AgentMesh.Tools.Mail;

namespace AgentMesh.Agents.Tests;

/// <summary>Kinds, roles, samples and steps as the tests need them.</summary>
internal static class TestKit
{
    public static MeshCatalogue Catalogue { get; } = CatalogueBuilder.Build([], CatalogueFolders.None);

    public static string Samples([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../samples"));

    /// <summary>An attachment as the mesh reads it.</summary>
    public static Artifact Attach(string path, int number = 1)
    {
        var read = new AttachmentReader().Read(Path.GetFileName(path), File.ReadAllBytes(path));
        return Input(read.Kind, read.Value, $"in-{number}");
    }

    public static Artifact Input(string kind, JsonElement value, string id = "in-1") => new()
    {
        Id = new ArtifactId(id),
        Kind = kind,
        Value = value,
        Trust = Trust.Untrusted,
        Origin = new Origin(null, id, null),
    };

    public static Artifact Email(string text, string subject = "", string from = "Dana Whitfield") => Input("email", MeshJson.Parse(
        $$"""
        {"from":{"name":{{Quoted(from)}},"address":"dana@example.org"},"to":["support@example.org"],"subject":{{Quoted(subject)}},"text":{{Quoted(text)}},"attachments":[]}
        """));

    public static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    public static StepWork Work(
        string role, string produces, IReadOnlyList<Artifact> inputs, IReadOnlyList<ToolDescriptor>? tools = null, string goal = "Handle it.", IReadOnlyList<AnsweredQuestion>? answers = null) =>
        new(new GoalId("g-1"), new GoalSpec { Text = goal }, new PlanStep { Id = new StepId(produces), Role = role, Instruction = $"Make the {produces}.", Produces = produces },
            Catalogue.Roles.GetValueOrDefault(role) ?? new RoleDescriptor { Name = role, Purpose = "Tests." }, new AgentId($"g-1/{role}/1"), 1, inputs, tools ?? [], answers ?? [], []);
}
