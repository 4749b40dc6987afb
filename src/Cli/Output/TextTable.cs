using Spectre.Console;

namespace AgentMesh.Cli.Output;

/// <summary>
/// Columns of text in the plain manner of kubectl: no lines, no trailing blanks. In a terminal cells wrap inside their column; redirected, every
/// row is one line.
/// </summary>
/// <param name="columns">Their headings; without any the table has no head.</param>
internal sealed class TextTable(params string[] columns)
{
    private const int Gap = 2;
    private const int RoomForTheLast = 36;
    private const int Narrowest = 12;

    private readonly List<Cell[]> rows = columns.Length > 0 ? [[.. columns.Select(c => new Cell(c.ToUpperInvariant(), new Style(decoration: Decoration.Dim)))]] : [];

    public void Add(params Cell[] cells) => rows.Add(cells);

    public void Write(Terminal terminal)
    {
        foreach (var line in Lines(terminal.Console.Profile.Width))
        {
            foreach (var piece in line) terminal.Console.Write(new Text(piece.Text, piece.Style));
            terminal.Console.WriteLine();
        }
    }

    /// <summary>The table's lines in a terminal of that width, in pieces of one style each.</summary>
    public IEnumerable<IReadOnlyList<Cell>> Lines(int width)
    {
        var widths = Widths(width - 1);
        foreach (var row in rows)
        {
            var cells = row.Select((cell, i) => Wrap(cell.Text, widths[i])).ToList();
            var height = cells.Max(lines => lines.Count);
            for (var line = 0; line < height; line++)
            {
                var pieces = new List<Cell>();
                var blanks = 0;
                for (var i = 0; i < row.Length; i++)
                {
                    var text = line < cells[i].Count ? cells[i][line] : "";
                    if (text.Length > 0)
                    {
                        if (blanks > 0) pieces.Add(new string(' ', blanks));
                        pieces.Add(new Cell(text, row[i].Style));
                        blanks = 0;
                    }

                    blanks += widths[i] - text.Length + Gap;
                }

                yield return pieces;
            }
        }
    }

    /// <summary>As wide as the texts are; where that is too much, the widest give way until the last column has room.</summary>
    private int[] Widths(int room)
    {
        var last = rows[0].Length - 1;
        var widths = Enumerable.Range(0, last + 1).Select(i => rows.Max(r => r[i].Text.Length)).ToArray();
        var wanted = Math.Min(widths[last], RoomForTheLast);
        while (widths.Take(last).Sum(w => w + Gap) + wanted > room)
        {
            var widest = Array.IndexOf(widths, widths.Take(last).DefaultIfEmpty(0).Max(), 0, last);
            if (widest < 0 || widths[widest] <= Narrowest) break;
            widths[widest]--;
        }

        widths[last] = Math.Max(Narrowest, Math.Min(widths[last], room - widths.Take(last).Sum(w => w + Gap)));
        return widths;
    }

    private static List<string> Wrap(string text, int room)
    {
        var lines = new List<string>();
        while (text.Length > room)
        {
            var cut = text.LastIndexOf(' ', room);
            if (cut <= 0) cut = room;
            lines.Add(text[..cut].TrimEnd());
            text = text[cut..].TrimStart();
        }

        lines.Add(text);
        return lines;
    }

    internal readonly record struct Cell(string Text, Style? Style = null)
    {
        public static implicit operator Cell(string text) => new(text);

        public static implicit operator Cell((string Text, Style Style) styled) => new(styled.Text, styled.Style);
    }
}
