namespace AgentMesh.Cli.Output;

/// <summary>How far something is, on stderr: in a terminal a line that renews itself five times a second, between lines that stay; redirected, only those.</summary>
internal sealed class ProgressLine(Terminal terminal)
{
    private static readonly TimeSpan Renewal = TimeSpan.FromMilliseconds(200);

    private long shown;
    private bool open;

    /// <summary>A line that stays.</summary>
    public void Say(string text)
    {
        Close();
        terminal.Err.WriteLine(EventLine.One(text, 1000));
    }

    /// <summary>The line that renews itself.</summary>
    /// <param name="text">Asked for where it is time.</param>
    /// <param name="last">Show it, however soon after the one before.</param>
    public void Renew(Func<string> text, bool last)
    {
        if (!terminal.IsInteractive || (open && !last && terminal.Time.GetElapsedTime(shown) < Renewal)) return;
        shown = terminal.Time.GetTimestamp();
        open = true;
        var line = $"  {text()}";
        terminal.Err.Write($"\r{line.PadRight(Math.Max(line.Length, Math.Min(terminal.Progress.Profile.Width - 1, 70)))}");
    }

    /// <summary>Leaves the cursor on a line of its own.</summary>
    public void Close()
    {
        if (open) terminal.Err.WriteLine();
        open = false;
    }
}
