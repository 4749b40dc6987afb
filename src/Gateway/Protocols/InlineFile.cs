using AgentMesh.Gateway.Http;
using AgentMesh.Runtime;

namespace AgentMesh.Gateway.Protocols;

/// <summary>A file within a message.</summary>
internal static class InlineFile
{
    /// <param name="data">Base64, or a data URL with it.</param>
    public static AttachedFile Of(string? name, string? data)
    {
        var text = data ?? "";
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            var comma = text.IndexOf(";base64,", StringComparison.OrdinalIgnoreCase);
            text = comma < 0 ? "" : text[(comma + ";base64,".Length)..];
        }

        var bytes = new byte[text.Length / 4 * 3 + 3];
        return text.Length > 0 && Convert.TryFromBase64String(text, bytes, out var length) ? Of(name, bytes.AsMemory(0, length))
            : throw ProblemException.Bad("file-invalid", "A file's data is base64, or a data URL with base64. Files elsewhere are not fetched: send the bytes.");
    }

    public static AttachedFile Of(string? name, ReadOnlyMemory<byte> bytes)
    {
        var whole = name ?? "attachment.txt";
        // Senders on other systems give whole paths; only the name means anything here.
        return new AttachedFile(Input.Name(whole[(whole.LastIndexOfAny(['/', '\\']) + 1)..], "A file's name"), bytes);
    }
}
