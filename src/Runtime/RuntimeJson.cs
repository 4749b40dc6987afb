using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using AgentMesh.Contracts;
using Microsoft.Extensions.AI;

namespace AgentMesh.Runtime;

/// <summary>JSON forms that must be the same every time: canonical arguments, recorded answers, hashes of questions.</summary>
public static class RuntimeJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The same value with properties sorted by name (ordinal) and no white space: what approvals and receipts bind to.</summary>
    public static JsonElement Canonical(JsonElement value) => MeshJson.Parse(CanonicalBytes(value));

    public static ReadOnlyMemory<byte> CanonicalBytes(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact)) Write(writer, value);
        return buffer.WrittenMemory;
    }

    public static bool Same(JsonElement a, JsonElement b) => CanonicalBytes(a).Span.SequenceEqual(CanonicalBytes(b).Span);

    /// <summary>A model's answer as the journal keeps it: a bare string where it is one message of plain text, as most are.</summary>
    public static JsonElement OfMessages(IList<ChatMessage> messages) =>
        messages is [{ Role: var role, Contents: [TextContent { AdditionalProperties: null, Annotations: null } text], AuthorName: null, AdditionalProperties: null }]
            && role == ChatRole.Assistant
            ? JsonSerializer.SerializeToElement(text.Text, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(string)))
            : JsonSerializer.SerializeToElement(messages, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IList<ChatMessage>)));

    public static ChatResponse ToResponse(JsonElement answer) => answer.ValueKind == JsonValueKind.String
        ? new ChatResponse(new ChatMessage(ChatRole.Assistant, answer.GetString()))
        : new ChatResponse((IList<ChatMessage>)JsonSerializer.Deserialize(answer, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IList<ChatMessage>)))!);

    /// <summary>Names what a model was asked, so that a recorded answer is given only to the same question.</summary>
    public static string Hash(string model, IReadOnlyList<ChatMessage> messages)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(model));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(messages, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IEnumerable<ChatMessage>))));
        return Convert.ToHexStringLower(hash.GetCurrentHash().AsSpan(0, 8));
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(writer, item);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
