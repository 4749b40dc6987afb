using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMesh.Agents;
using AgentMesh.Cli.Commands;
using AgentMesh.Contracts;
using AgentMesh.Inference.ModelFiles;
using AgentMesh.Orchestration;

namespace AgentMesh.Cli.Output;

/// <summary>What <c>-o json</c> prints.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(RunDocument))]
[JsonSerializable(typeof(IReadOnlyList<GoalSummary>))]
[JsonSerializable(typeof(IReadOnlyList<Decision>))]
[JsonSerializable(typeof(IReadOnlyList<RoleDescriptor>))]
[JsonSerializable(typeof(IReadOnlyList<ToolDescriptor>))]
[JsonSerializable(typeof(IReadOnlyList<Playbook>))]
[JsonSerializable(typeof(IReadOnlyList<KnowledgeEntry>))]
[JsonSerializable(typeof(IReadOnlyList<Passage>))]
[JsonSerializable(typeof(IReadOnlyList<DiagnosticLine>))]
[JsonSerializable(typeof(IReadOnlyList<CheckLine>))]
[JsonSerializable(typeof(IReadOnlyList<StoredModel>))]
[JsonSerializable(typeof(BenchDocument))]
[JsonSerializable(typeof(KeyMade))]
[JsonSerializable(typeof(IReadOnlyList<KeyView>))]
[JsonSerializable(typeof(ClusterView))]
[JsonSerializable(typeof(ClusterSnapshot))]
internal sealed partial class CliJson : JsonSerializerContext
{
    // Made on first use: the generated Default is initialised in another part of this class, in no guaranteed order.
    private static CliJson? pretty;

    /// <summary>Indented, and with letters as people write them.</summary>
    public static CliJson Pretty => pretty ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>One finding of <c>playbook validate</c>.</summary>
internal sealed record DiagnosticLine(string File, int Line, int Column, string Severity, string Message);

/// <summary>What <c>cluster top</c> shows.</summary>
internal sealed record ClusterSnapshot(ClusterView Cluster, ActivityView Activity);

/// <summary>One check of <c>doctor</c>.</summary>
/// <param name="State"><c>ok</c>, <c>off</c> (not configured, and that is fine) or <c>bad</c>.</param>
internal sealed record CheckLine(string Check, string State, string Detail);
