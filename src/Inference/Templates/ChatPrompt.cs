namespace AgentMesh.Inference.Templates;

/// <param name="Special">
/// Control tokens written in it are meant as such: it is the template's own text. Otherwise it is a message's or a tool's, and none of it may become a control token.
/// </param>
public readonly record struct PromptSegment(string Text, bool Special);

/// <summary>A conversation as its model is to read it.</summary>
/// <param name="Segments">In order, none empty.</param>
/// <param name="StartsWithToken">The template wrote the model's start token itself; the tokenizer is not to add another.</param>
/// <param name="ThoughtEnd">The prompt ends inside of a thought, so the answer begins there: the tag that closes it. Null: it ends inside of none.</param>
public sealed record ChatPrompt(IReadOnlyList<PromptSegment> Segments, bool StartsWithToken, string? ThoughtEnd)
{
    public bool Reasoning => ThoughtEnd is not null;

    /// <summary>The same with the thought closed, for an answer that must be nothing but the answer: templates that can do without a thought write an empty one so.</summary>
    public ChatPrompt WithoutThought() =>
        ThoughtEnd is { } end ? this with { Segments = [.. Segments, new PromptSegment($"\n{end}\n\n", Special: true)], ThoughtEnd = null } : this;

    /// <summary>All of it, origins forgotten: to read, never to tokenize.</summary>
    public string Text => string.Concat(Segments.Select(s => s.Text));

    /// <summary>
    /// The prompt cut only at the template's control tokens: a <see cref="PromptSegment.Special"/> segment is exactly one of them, all text between two is one segment.
    /// So text is cut into tokens as it would be without regard to its origin, and a control token's name in a message stays text.
    /// </summary>
    /// <param name="control">The vocabulary's control tokens, as written.</param>
    public IReadOnlyList<PromptSegment> CutAt(IEnumerable<string> control)
    {
        var tokens = control.Where(t => t.Length > 0).ToLookup(t => t[0]);
        List<PromptSegment> cut = [];
        var plain = new System.Text.StringBuilder();
        foreach (var (text, special) in Segments)
        {
            for (var i = 0; i < text.Length;)
            {
                var token = special ? tokens[text[i]].Where(t => string.CompareOrdinal(text, i, t, 0, t.Length) == 0).MaxBy(t => t.Length) : null;
                if (token is null) plain.Append(text[i++]);
                else
                {
                    Flush();
                    cut.Add(new PromptSegment(token, Special: true));
                    i += token.Length;
                }
            }
        }

        Flush();
        return cut;

        void Flush()
        {
            if (plain.Length > 0) cut.Add(new PromptSegment(plain.ToString(), Special: false));
            plain.Clear();
        }
    }
}
