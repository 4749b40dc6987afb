using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;

namespace AgentMesh.Gateway.Http;

/// <summary>One server-sent event.</summary>
/// <param name="Data">One line.</param>
/// <param name="Name">Null for a plain message.</param>
internal readonly record struct ServerEvent(string Data, string? Name = null)
{
    /// <summary>JSON as it is written has no line breaks: they are escaped.</summary>
    public static ServerEvent Of(JsonNode json, string? name = null) => new(json.ToJsonString(), name);

    public static void Write(ServerEvent sent, IBufferWriter<byte> body) => Encoding.UTF8.GetBytes(sent.Name is null ? $"data: {sent.Data}\n\n" : $"event: {sent.Name}\ndata: {sent.Data}\n\n", body);
}
