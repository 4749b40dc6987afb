using Spectre.Console;
using Spectre.Console.Rendering;

namespace AgentMesh.Cli.Output;

/// <summary>
/// A whole screen of its own, drawn over the last one in one write and from its corner: nothing flickers, and a terminal that changes its size is
/// right again with the next one.
/// </summary>
/// <param name="rows">Of the terminal; what is below them is left out.</param>
internal sealed class Screen(Page page, int rows) : IRenderable
{
    private const string Home = "\u001b[H", ClearLine = "\u001b[K", ClearBelow = "\u001b[J";

    /// <summary>The terminal's other screen, without a cursor.</summary>
    public static readonly ControlCode Enter = new("\u001b[?1049h\u001b[?25l");

    /// <summary>Back to what was there before.</summary>
    public static readonly ControlCode Leave = new("\u001b[?25h\u001b[?1049l");

    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        yield return Segment.Control(Home);
        var row = 1;
        // A line that fills its row would make the terminal wrap.
        foreach (var segment in page.Render(options, maxWidth - 1))
        {
            if (!segment.IsLineBreak)
            {
                yield return segment;
                continue;
            }

            yield return Segment.Control(ClearLine);
            if (++row > rows) yield break;
            yield return segment;
        }

        yield return Segment.Control(ClearLine + ClearBelow);
    }
}
