using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Routing;

/// <summary>
/// Names what requests have in common at their beginning, so that equal beginnings can meet the same warm cache. The same in every process and version
/// of the runtime; a number from which nothing of the text can be read.
/// </summary>
public static class PrefixHash
{
    /// <summary>
    /// Characters of the leading text that count. Long enough to tell roles apart; short enough that what differs further down (a goal's own marks, a date)
    /// does not send the steps of one role to different devices, since a cache matches from the front.
    /// </summary>
    public const int Head = 512;

    /// <summary>Hashes instructions, leading system messages and the tool catalogue.</summary>
    /// <returns>Null where there are none: such a request shares nothing with others.</returns>
    public static ulong? Of(IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        var head = new StringBuilder();
        Append(head, options?.Instructions);
        foreach (var message in messages.TakeWhile(m => m.Role == ChatRole.System))
            foreach (var text in message.Contents.OfType<TextContent>()) Append(head, text.Text);
        if (head.Length == 0 && options?.Tools is not { Count: > 0 }) return null;

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, head.ToString());
        foreach (var tool in options?.Tools ?? [])
        {
            Add(hash, tool.Name);
            Add(hash, tool.Description);
            if (tool is AIFunctionDeclaration function) Add(hash, function.JsonSchema.GetRawText());
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    private static void Append(StringBuilder head, string? text)
    {
        if (text is not null) head.Append(text, 0, Math.Min(text.Length, Head - head.Length));
    }

    /// <summary>With an end mark that no text holds: "ab","c" is not "a","bc".</summary>
    private static void Add(IncrementalHash hash, string text)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0xFF]);
    }
}
