using System.Text;
using AgentMesh.Inference.LlamaCpp;

namespace AgentMesh.Inference.InProcess;

/// <summary>Makes text of tokens: whole characters only, and nothing from the first stop text on. Holds back what may still become one.</summary>
internal sealed class AnswerText(LlamaTokenizer tokenizer, IReadOnlyList<string> stops)
{
    private readonly Decoder _decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false).GetDecoder();
    private readonly char[] _characters = new char[1024];
    private string _held = "";

    /// <summary>A stop text came; nothing follows.</summary>
    public bool Stopped { get; private set; }

    public string Add(int token)
    {
        // A format may be written with control tokens, which stand for no text otherwise.
        if (tokenizer.IsControl(token)) return Take(Flushed() + tokenizer.Name(token));
        var bytes = tokenizer.Bytes(token);
        var text = new StringBuilder();
        while (bytes.Length > 0)
        {
            _decoder.Convert(bytes, _characters, flush: false, out var used, out var made, out _);
            text.Append(_characters, 0, made);
            bytes = bytes[used..];
        }

        return Take(text.ToString());
    }

    /// <summary>The answer is over: what was held back.</summary>
    public string End()
    {
        if (Stopped) return "";
        var rest = _held + Flushed();
        _held = "";
        return rest;
    }

    private string Flushed()
    {
        _decoder.Convert([], _characters, flush: true, out _, out var made, out _);
        return new string(_characters, 0, made);
    }

    private string Take(string piece)
    {
        if (Stopped) return "";
        if (stops.Count == 0) return piece;
        var text = _held + piece;
        var at = stops.Select(s => text.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
        if (at >= 0)
        {
            (Stopped, _held) = (true, "");
            return text[..at];
        }

        var held = stops.Max(s => Beginning(text, s));
        _held = text[^held..];
        return text[..^held];
    }

    /// <summary>How much of the text's end may be the stop text's beginning.</summary>
    private static int Beginning(string text, string stop)
    {
        for (var length = Math.Min(text.Length, stop.Length - 1); length > 0; length--)
            if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length))) return length;
        return 0;
    }
}
