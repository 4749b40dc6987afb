using System.Text.Json;

namespace AgentMesh.Inference.Templates.ToolCalling;

/// <summary>Finds where a JSON object or array ends, without parsing it.</summary>
internal static class JsonSpan
{
    /// <param name="at">Where it begins.</param>
    /// <returns>Behind it; -1: it is not whole yet.</returns>
    /// <exception cref="JsonException">It is none.</exception>
    public static int End(string text, int at)
    {
        if (at >= text.Length) return -1;
        if (text[at] is not ('{' or '[')) throw new JsonException($"a JSON object or array is expected, not '{text[at]}'.");
        var open = new Stack<char>();
        var quoted = false;
        for (var i = at; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c == '\\') i++;
                else if (c == '"') quoted = false;
            }
            else if (c == '"') quoted = true;
            else if (c == '{') open.Push('}');
            else if (c == '[') open.Push(']');
            else if (c is '}' or ']')
            {
                if (open.Pop() != c) throw new JsonException($"'{c}' closes what it did not open.");
                if (open.Count == 0) return i + 1;
            }
        }

        return -1;
    }

    public static int SkipSpace(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        return at;
    }

    /// <summary>Behind a word that may stand here after whitespace.</summary>
    /// <returns>-1: it may still come; <paramref name="at"/> itself: it does not stand here.</returns>
    public static int After(string text, int at, string word, bool final)
    {
        word = word.TrimStart();
        var start = SkipSpace(text, at);
        var rest = text.AsSpan(start);
        if (rest.StartsWith(word, StringComparison.Ordinal)) return start + word.Length;
        return !final && word.AsSpan().StartsWith(rest, StringComparison.Ordinal) ? -1 : at;
    }
}
