using Spectre.Console;
using Spectre.Console.Rendering;

namespace AgentMesh.Cli.Output;

/// <summary>Lines that are drawn as they are: what is too wide is cut off at the edge, so that a live view keeps its place.</summary>
/// <param name="width">Of the terminal, for the tables on the page.</param>
internal sealed class Page(int width) : IRenderable
{
    private readonly List<IReadOnlyList<TextTable.Cell>> lines = [];

    public int Width => width;

    public void Line(string text = "") => lines.Add([text]);

    public void Table(TextTable table) => lines.AddRange(table.Lines(width));

    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (i > 0) yield return Segment.LineBreak;
            var left = maxWidth;
            foreach (var piece in lines[i])
            {
                var text = piece.Text.Length > left ? piece.Text[..left] : piece.Text;
                if (text.Length > 0) yield return new Segment(text, piece.Style ?? Style.Plain);
                left -= text.Length;
            }
        }
    }
}
