using System.Buffers;
using System.Text;

namespace AgentMesh.Storage;

/// <summary>PostgreSQL's text holds neither NUL nor half a surrogate pair.</summary>
internal static class StoredText
{
    private static readonly SearchValues<char> Suspicious = SearchValues.Create(['\0', .. Enumerable.Range(0xD800, 0x800).Select(c => (char)c)]);

    /// <summary>The text with U+FFFD in the place of what cannot be stored; offsets stay the same.</summary>
    public static string Clean(string text)
    {
        if (!text.AsSpan().ContainsAny(Suspicious)) return text;
        var clean = new StringBuilder(text);
        for (var i = 0; i < clean.Length; i++)
        {
            if (char.IsHighSurrogate(clean[i]) && i + 1 < clean.Length && char.IsLowSurrogate(clean[i + 1])) i++;
            else if (clean[i] == '\0' || char.IsSurrogate(clean[i])) clean[i] = '\uFFFD';
        }
        return clean.ToString();
    }
}
