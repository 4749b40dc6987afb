using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;

namespace AgentMesh.Grains.Agents;

/// <summary>Between the typed requests of direct calls and the artifacts that roles work on.</summary>
internal static class DirectShapes
{
    public static AgentRequest ToClassify(ClassifyRequest request) => new("Classify the document and sum it up.", "category")
    {
        Inputs = [new Artifact { Id = new ArtifactId("in-1"), Kind = "document", Value = Document(request.Text), Trust = Trust.Untrusted, Origin = new Origin(null, null, null) }],
        Tenant = request.Tenant, Deadline = request.Deadline,
    };

    public static Classification Classification(AgentAnswer answer)
    {
        var value = answer.Value.Value!.Value;
        return new Classification(
            value.GetProperty("label").GetString()!, answer.Confidence, value.TryGetProperty("summary", out var summary) ? summary.GetString() : null, answer.Tier,
            answer.Why.Reason);
    }

    private static JsonElement Document(string text)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("name", "text.txt");
            writer.WriteString("text", text);
            writer.WriteEndObject();
        }

        return MeshJson.Parse(buffer.ToArray());
    }
}
