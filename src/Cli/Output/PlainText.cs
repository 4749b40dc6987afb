namespace AgentMesh.Cli.Output;

/// <summary>Text of others, without what would move the terminal's cursor or repaint what stands there.</summary>
internal static class PlainText
{
    /// <summary>Keeps line breaks and tabs.</summary>
    public static string Lines(string text) => text.Any(Harms) ? string.Concat(text.Where(c => !Harms(c))) : text;

    /// <summary>On one line; whatever parted two words is a blank.</summary>
    public static string Line(string text) => string.Join(' ', Lines(text).Split(['\n', '\r', '\t'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static bool Harms(char c) => char.IsControl(c) && c is not ('\n' or '\t');
}
