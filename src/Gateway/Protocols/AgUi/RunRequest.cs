using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMesh.Gateway.Http;
using AgentMesh.Runtime;

namespace AgentMesh.Gateway.Protocols.AgUi;

/// <summary>The body of <c>POST /ag-ui</c>, as far as a mesh heeds it: agents have the mesh's tools, not the page's.</summary>
/// <param name="ForwardedProps"><c>playbook</c> names the playbook that a new goal follows.</param>
/// <param name="Resume">Answers to what the last run of the thread asked.</param>
internal sealed record RunRequest(
    string ThreadId, string RunId, IReadOnlyList<RunMessage> Messages, JsonElement? ForwardedProps = null, IReadOnlyList<RunResume>? Resume = null)
{
    public Ask Ask()
    {
        var files = new List<AttachedFile>();
        var said = Messages.Select(m => new Said(m.Role, m.Content is { } content ? Text(content, files) : "")).ToList();
        return Protocols.Ask.Of(said, files, ForwardedProps is { } props ? Json.Member(props, "playbook") : null);
    }

    private static string Text(JsonElement content, List<AttachedFile> files) => content.ValueKind switch
    {
        JsonValueKind.String => content.GetString()!,
        JsonValueKind.Array => string.Join('\n', content.EnumerateArray().Select(p => Part(p, files)).Where(t => t.Length > 0)),
        // Messages of other kinds (activities, reasoning) carry objects for their page.
        _ => "",
    };

    private static string Part(JsonElement part, List<AttachedFile> files)
    {
        switch (Json.Member(part, "type"))
        {
            case "text" when Json.Member(part, "text") is { } text: return text;
            case "document" or "binary" when part.TryGetProperty("source", out var source) && Json.Member(source, "type") == "data":
                files.Add(InlineFile.Of(Json.Member(part, "filename") ?? Name(part) ?? Json.Member(part, "id"), Json.Member(source, "value")));
                return "";
            default: throw ProblemException.Invalid("content-unsupported", "A part is text, or a document with its bytes. What is elsewhere is not fetched: send the bytes.");
        }
    }

    private static string? Name(JsonElement part) => part.TryGetProperty("metadata", out var metadata) ? Json.Member(metadata, "filename") : null;
}

/// <param name="Content">A string, or parts.</param>
internal sealed record RunMessage(string Role, JsonElement? Content = null);

/// <param name="InterruptId">The goal and the request, as the interrupt named them.</param>
/// <param name="Status"><c>resolved</c> or <c>cancelled</c>.</param>
internal sealed record RunResume(string InterruptId, string Status, JsonElement? Payload = null);

/// <summary>What a person answers: a verdict on an approval, or the answer to a question.</summary>
internal sealed record RunReply(string? Verdict = null, string? Reason = null, JsonElement? Arguments = null, string? Answer = null);

/// <summary>Tolerant of what the protocol has and a mesh does not heed.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    MaxDepth = 64)]
[JsonSerializable(typeof(RunRequest))]
[JsonSerializable(typeof(RunReply))]
internal sealed partial class AgUiJson : JsonSerializerContext;
