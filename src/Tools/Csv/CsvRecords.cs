using System.Text;

namespace AgentMesh.Tools.Csv;

/// <summary>
/// Cuts text into records by RFC 4180, forgivingly: line ends of any kind, blank lines skipped, a stray quote inside a plain cell kept as it is.
/// Own code because a table here must know the line of each record and keep every cell as written.
/// </summary>
internal ref struct CsvRecords(ReadOnlySpan<char> text, char delimiter)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _at = 0;
    private int _nextLine = 1;

    /// <summary>Line on which the current record starts, from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>What was odd about the current record's quotes; null if nothing.</summary>
    public string? Problem { get; private set; } = null;

    public List<string> Cells { get; } = [];

    /// <summary>Moves to the next record; false at the end.</summary>
    public bool Read()
    {
        while (_at < _text.Length)
        {
            Line = _nextLine;
            Problem = null;
            Cells.Clear();
            do
            {
                Cells.Add(_at < _text.Length && _text[_at] == '"' ? Quoted() : Plain());
            }
            while (TakeDelimiter());
            TakeLineEnd();
            if (Cells.Count > 1 || !string.IsNullOrWhiteSpace(Cells[0])) return true;
        }

        return false;
    }

    private string Plain()
    {
        var start = _at;
        while (_at < _text.Length && _text[_at] != delimiter && _text[_at] is not ('\r' or '\n')) _at++;
        return _text[start.._at].ToString();
    }

    private string Quoted()
    {
        var cell = new StringBuilder();
        _at++;
        while (true)
        {
            var rest = _text[_at..];
            var quote = rest.IndexOf('"');
            if (quote < 0)
            {
                Problem = "A quote is opened and never closed; the rest of the file was read as one cell.";
                Append(cell, rest);
                _at = _text.Length;
                return cell.ToString();
            }

            Append(cell, rest[..quote]);
            _at += quote + 1;
            if (_at >= _text.Length || _text[_at] != '"') break;
            cell.Append('"');
            _at++;
        }

        var tail = Plain();
        if (!string.IsNullOrWhiteSpace(tail)) Problem = "Text follows a closing quote; it was added to the cell.";
        return cell.Append(tail.TrimEnd()).ToString();
    }

    private void Append(StringBuilder cell, ReadOnlySpan<char> part)
    {
        cell.Append(part);
        _nextLine += part.Count('\n');
    }

    private bool TakeDelimiter()
    {
        if (_at >= _text.Length || _text[_at] != delimiter) return false;
        _at++;
        return true;
    }

    private void TakeLineEnd()
    {
        if (_at < _text.Length && _text[_at] == '\r') _at++;
        if (_at < _text.Length && _text[_at] == '\n') _at++;
        _nextLine++;
    }
}
