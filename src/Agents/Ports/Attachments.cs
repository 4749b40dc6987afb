using System.Text.Json;

namespace AgentMesh.Agents;

/// <summary>Turns a file that a person attached into the value of an artifact.</summary>
public interface IAttachmentReader
{
    /// <param name="name">The file's name; its extension is the first hint at what it holds.</param>
    /// <exception cref="UnreadableAttachmentException">It cannot be read, with one sentence for the person who attached it.</exception>
    AttachmentContent Read(string name, ReadOnlyMemory<byte> content);
}

/// <param name="Kind">The artifact kind: <c>email</c>, <c>table</c> or <c>document</c>.</param>
/// <param name="Value">Obeys the schema of that kind.</param>
/// <param name="MediaType">Of the original bytes.</param>
/// <param name="Warnings">What was odd and how it was read all the same; empty for a clean file.</param>
public sealed record AttachmentContent(string Kind, JsonElement Value, string MediaType, IReadOnlyList<string> Warnings);

/// <summary>An attachment that is empty, too large, binary or broken.</summary>
public sealed class UnreadableAttachmentException(string name, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Name { get; } = name;
}
