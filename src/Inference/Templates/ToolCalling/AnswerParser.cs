using System.Text.Json;
using AgentMesh.Inference.OpenAi;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Templates.ToolCalling;

/// <summary>
/// Reads an answer in pieces as they come: gives text and reasoning at once, and calls when they are whole. Holds back only what may still become a tag, the whitespace
/// before it, and the inside of a call; whitespace at an answer's start and around tags is dropped. Never throws: what begins as a call and is broken comes back as one with
/// an exception and its text under <see cref="ToolCalls.RawArguments"/>, as from an endpoint; what only looked like a call comes back as text. Not safe for use in parallel.
/// </summary>
/// <remarks>However the answer is cut into pieces, its contents are the same once texts that follow each other are joined.</remarks>
public sealed class AnswerParser
{
    private readonly AnswerFormat _format;
    private readonly IReadOnlyList<AIFunctionDeclaration> _tools;
    private readonly string _turn;
    private readonly string[] _tags;
    private readonly string[] _startTags;
    private string _text = "";
    private string? _closer;
    private string? _opener;
    private bool _said;
    private int _calls;

    /// <param name="thoughtEnd">The answer begins inside of a thought that this closes; null: it does not.</param>
    internal AnswerParser(AnswerFormat format, IReadOnlyList<AIFunctionDeclaration> tools, string? thoughtEnd, string turn)
    {
        _format = format;
        _tools = tools;
        _turn = turn;
        _closer = thoughtEnd;
        var openers = format.Calls?.Openers ?? [];
        _tags = [.. format.Silent, .. format.Calls is { StartOnly: false } ? openers : []];
        _startTags = [.. _tags, .. format.Calls is { StartOnly: true } ? openers : [], .. format.Reasoning.Select(r => r.Open)];
    }

    /// <summary>At least one call was read, whole or broken.</summary>
    public bool CalledTools => _calls > 0;

    public IReadOnlyList<AIContent> Feed(string piece)
    {
        _text += piece;
        List<AIContent> contents = [];
        // Inside of a call nothing is looked at until it may be whole.
        if (_opener is null || _format.Calls!.MayEnd(piece)) Advance(contents, final: false);
        return contents;
    }

    /// <summary>The answer is over.</summary>
    public IReadOnlyList<AIContent> Finish()
    {
        List<AIContent> contents = [];
        Advance(contents, final: true);
        return contents;
    }

    private void Advance(List<AIContent> contents, bool final)
    {
        while (_text.Length > 0 && (_opener is not null ? Call(contents, final) : _closer is not null ? Reason(contents, final) : Speak(contents, final)))
        {
        }
    }

    /// <returns>Whether there is more to do.</returns>
    private bool Speak(List<AIContent> contents, bool final)
    {
        // Where nothing was said since the start, a thought or a call, a tag that counts only there may come.
        var blank = !_said && JsonSpan.SkipSpace(_text, 0) is var start ? start : -1;
        var (at, tag) = Earliest(_text, blank >= 0 && blank < _text.Length ? blank : -1);
        if (tag is null)
        {
            var held = final ? 0 : Held(_text, blank);
            Say(contents, _text[..^held]);
            _text = _text[^held..];
            return false;
        }

        Say(contents, _text[..at].TrimEnd());
        if (_format.Calls?.Openers.Contains(tag) == true)
        {
            _opener = tag;
            _text = _text[at..];
            return true;
        }

        _text = _text[(at + tag.Length)..];
        _said = false;
        _closer = _format.Reasoning.FirstOrDefault(r => r.Open == tag).Close;
        return true;
    }

    private (int At, string? Tag) Earliest(string text, int blank)
    {
        if (blank >= 0 && _startTags.FirstOrDefault(t => text.AsSpan(blank).StartsWith(t, StringComparison.Ordinal)) is { } first) return (blank, first);
        var (at, tag) = (int.MaxValue, (string?)null);
        foreach (var candidate in _tags)
            if (text.IndexOf(candidate, StringComparison.Ordinal) is >= 0 and var found && found < at) (at, tag) = (found, candidate);
        return (at, tag);
    }

    /// <summary>Characters at the end that may be the start of a tag, with the whitespace before them.</summary>
    private int Held(string text, int blank)
    {
        var start = text.Length;
        for (var i = Math.Max(0, text.Length - _startTags.Concat(_tags).Select(t => t.Length).DefaultIfEmpty(0).Max()); i < text.Length; i++)
        {
            if (!(i == blank ? _startTags : _tags).Any(t => t.AsSpan().StartsWith(text.AsSpan(i), StringComparison.Ordinal))) continue;
            start = i;
            break;
        }

        while (start > 0 && char.IsWhiteSpace(text[start - 1])) start--;
        return text.Length - start;
    }

    private void Say(List<AIContent> contents, string text)
    {
        if (!_said) text = text.TrimStart();
        if (text.Length == 0) return;
        _said = true;
        contents.Add(new TextContent(text));
    }

    private bool Reason(List<AIContent> contents, bool final)
    {
        var end = _text.IndexOf(_closer!, StringComparison.Ordinal);
        if (end >= 0)
        {
            Think(contents, _text[..end].TrimEnd());
            _text = _text[(end + _closer!.Length)..];
            (_closer, _said) = (null, false);
            return true;
        }

        var start = _text.Length;
        for (var i = Math.Max(0, _text.Length - _closer!.Length); !final && i < start; i++)
            if (_closer.AsSpan().StartsWith(_text.AsSpan(i), StringComparison.Ordinal)) start = i;
        while (start > 0 && char.IsWhiteSpace(_text[start - 1])) start--;
        Think(contents, _text[..start]);
        _text = final ? "" : _text[start..];
        return false;
    }

    private void Think(List<AIContent> contents, string text)
    {
        // _said: this thought has begun.
        if (!_said) text = text.TrimStart();
        if (text.Length == 0) return;
        _said = true;
        contents.Add(new TextReasoningContent(text));
    }

    private bool Call(List<AIContent> contents, bool final)
    {
        var reading = _format.Calls!.Read(_text, 0, _opener!, final, _tools);
        if (reading.End < 0) return false;
        var read = _text[..reading.End];
        foreach (var call in reading.Calls ?? []) contents.Add(new FunctionCallContent(Id(call.Id), call.Name, call.Arguments));
        if (reading.Broken is { } reason) contents.Add(ToolCalls.Broken(Id(null), "", read, new JsonException(reason)));
        else if (reading.Calls is null) contents.Add(new TextContent(read));
        _said = reading is { Calls: null, Broken: null };
        _text = _text[reading.End..];
        _opener = null;
        return true;

        string Id(string? own)
        {
            var counted = $"call_{_turn}_{_calls++}";
            return own ?? counted;
        }
    }
}
