using System.Text.Json;
using AgentMesh.Gateway.Http;
using AgentMesh.Runtime;

namespace AgentMesh.Gateway.Protocols.OpenAi;

/// <summary>What a message holds: text, and files within it. Chat completions and responses name the parts differently.</summary>
internal static class MessageContent
{
    private static readonly HashSet<string> Roles = new(["system", "developer", Said.User, "assistant", "tool", "function"], StringComparer.Ordinal);

    public static Said Read(string? role, JsonElement? content, List<AttachedFile> files) => role is not null && Roles.Contains(role)
        ? new Said(role, content is { } given ? Text(given, files) : "")
        : throw ProblemException.Invalid("role-invalid", $"A message's role is one of {string.Join(", ", Roles)}.");

    private static string Text(JsonElement content, List<AttachedFile> files) => content.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => content.GetString()!,
        JsonValueKind.Array => string.Join('\n', content.EnumerateArray().Select(p => Part(p, files)).Where(t => t.Length > 0)),
        _ => throw ProblemException.Invalid("content-invalid", "A message's content is a string, or an array of parts."),
    };

    private static string Part(JsonElement part, List<AttachedFile> files)
    {
        switch (Json.Member(part, "type"))
        {
            case "text" or "input_text" or "output_text" when Json.Member(part, "text") is { } text: return text;
            case "refusal" when Json.Member(part, "refusal") is { } refusal: return refusal;
            case "file" when part.TryGetProperty("file", out var file): return Add(file, files);
            case "input_file": return Add(part, files);
            case var other: throw ProblemException.Invalid("content-unsupported", $"A part of type {(Input.IsName(other) ? other : "unknown")} cannot be used here. Send text, or a file with its bytes.");
        }
    }

    private static string Add(JsonElement file, List<AttachedFile> files)
    {
        files.Add(InlineFile.Of(Json.Member(file, "filename"), Json.Member(file, "file_data")));
        return "";
    }
}
