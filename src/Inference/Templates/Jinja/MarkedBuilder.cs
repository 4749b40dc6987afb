using System.Text;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Puts texts together, with the origin of each character.</summary>
internal sealed class MarkedBuilder(Meter meter)
{
    private readonly StringBuilder _text = new();
    private readonly List<(int End, bool Outside)> _runs = [];

    public int Length => _text.Length;

    public MarkedBuilder Add(MarkedText text)
    {
        if (text.Uniform) return text.Length == 0 ? this : Add(text.Value, text[0]);
        Reserve(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var end = i + 1;
            while (end < text.Length && text[end] == text[i]) end++;
            _text.Append(text.Value, i, end - i);
            Mark(text[i]);
            i = end;
        }

        return this;
    }

    public MarkedBuilder Add(string text, bool outside = false)
    {
        if (text.Length == 0) return this;
        Reserve(text.Length);
        _text.Append(text);
        Mark(outside);
        return this;
    }

    public MarkedBuilder Add(char c, bool outside = false, int times = 1)
    {
        if (times <= 0) return this;
        Reserve(times);
        _text.Append(c, times);
        Mark(outside);
        return this;
    }

    public MarkedText Build()
    {
        if (_runs.Count == 0) return MarkedText.Empty;
        if (_runs.Count == 1) return new MarkedText(_text.ToString(), _runs[0].Outside);
        var marks = new bool[_text.Length];
        var start = 0;
        foreach (var (end, outside) in _runs)
        {
            marks.AsSpan(start..end).Fill(outside);
            start = end;
        }

        return new MarkedText(_text.ToString(), marks);
    }

    private void Reserve(int more)
    {
        if (_text.Length + (long)more > meter.Output) meter.Text(_text.Length + (long)more);
        meter.Text(more);
    }

    private void Mark(bool outside)
    {
        if (_runs.Count > 0 && _runs[^1].Outside == outside) _runs[^1] = (_text.Length, outside);
        else _runs.Add((_text.Length, outside));
    }
}
