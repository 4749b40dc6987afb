namespace AgentMesh.Inference.Redaction;

/// <summary>Restores the text of a stream, whose parts may cut a placeholder in two: a part that may be the beginning of one waits for the next.</summary>
internal sealed class StreamRestorer(Placeholders placeholders, Func<string, string>? write)
{
    private string _held = "";

    /// <returns>What can be handed on now; may be empty.</returns>
    public string Next(string part)
    {
        var text = _held + part;
        var open = text.LastIndexOf('⟦');
        var waits = open >= 0 && text.Length - open < Placeholders.LongestPlaceholder && text.IndexOf('⟧', open) < 0;
        _held = waits ? text[open..] : "";
        return placeholders.Restore(waits ? text[..open] : text, write);
    }

    /// <returns>What was held back and turned out to be no placeholder.</returns>
    public string End()
    {
        var rest = _held;
        _held = "";
        return rest;
    }
}
