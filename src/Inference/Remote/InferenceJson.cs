using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Inference.Remote;

/// <summary>
/// The wire form of requests and answers. Unknown fields are skipped, so that a newer silo may add some; a field given twice is an error.
/// What may be null is left out when it is, so every such parameter needs a default. Depth: a tool's arguments may be 64 levels deep by themselves.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    AllowDuplicateProperties = false, AllowOutOfOrderMetadataProperties = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    MaxDepth = 128)]
[JsonSerializable(typeof(InferenceRequest))]
[JsonSerializable(typeof(InferenceReply))]
[JsonSerializable(typeof(InferenceUpdate))]
public sealed partial class InferenceJson : JsonSerializerContext
{
    public static byte[] Write(InferenceRequest request) => JsonSerializer.SerializeToUtf8Bytes(request, Default.InferenceRequest);

    public static byte[] Write(InferenceReply reply) => JsonSerializer.SerializeToUtf8Bytes(reply, Default.InferenceReply);

    public static byte[] Write(InferenceUpdate update) => JsonSerializer.SerializeToUtf8Bytes(update, Default.InferenceUpdate);

    /// <exception cref="JsonException">It is not a request.</exception>
    public static InferenceRequest ReadRequest(ReadOnlySpan<byte> utf8) => JsonSerializer.Deserialize(utf8, Default.InferenceRequest) ?? throw Nothing();

    /// <exception cref="JsonException">It is not a reply.</exception>
    public static InferenceReply ReadReply(ReadOnlySpan<byte> utf8) => JsonSerializer.Deserialize(utf8, Default.InferenceReply) ?? throw Nothing();

    /// <exception cref="JsonException">It is not an update.</exception>
    public static InferenceUpdate ReadUpdate(ReadOnlySpan<byte> utf8) => JsonSerializer.Deserialize(utf8, Default.InferenceUpdate) ?? throw Nothing();

    private static JsonException Nothing() => new("There is null where a message of the inference pool belongs.");
}
