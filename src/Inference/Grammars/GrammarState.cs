namespace AgentMesh.Inference.Grammars;

/// <summary>Where one request is in its grammar. Not safe for use in parallel; cheap to copy.</summary>
public sealed class GrammarState
{
    private readonly GrammarVocabulary vocabulary;
    private readonly KeyWatch? keys;
    private Stack stack;
    private ulong[]? own;

    internal GrammarState(GrammarVocabulary vocabulary, Grammar grammar) =>
        (this.vocabulary, stack, keys) = (vocabulary, grammar.Start, grammar.FreeKeys ? new() : null);

    private GrammarState(GrammarState other) =>
        (vocabulary, stack, keys, Ended) = (other.vocabulary, other.stack, other.keys is { } watch ? new(watch) : null, other.Ended);

    /// <summary>Whether the text so far is one of the grammar's. It may still be possible to go on, as with the digits of a number.</summary>
    public bool Complete => stack.Ends;

    /// <summary>Whether an end token was accepted, or nothing but one can come.</summary>
    public bool Ended
    {
        get => field || (stack.Ends && stack.Frames.Length == 0);
        private set;
    }

    /// <summary>The tokens that may come next, as bits: token t is bit t % 64 of word t / 64. At least one may. Valid until the next call on this state.</summary>
    /// <exception cref="InvalidOperationException">The vocabulary lacks a token for a byte that must come.</exception>
    public ReadOnlySpan<ulong> Mask()
    {
        var at = stack.Saturated(vocabulary.Reach);
        var counts = Array.Exists(at.Frames, static f => f is { Node: Text } and ({ Min: > 0 } or { Max: < int.MaxValue }));
        var taken = keys is null ? [] : keys.Rests().ToList();
        if (!counts && taken.Count == 0) return vocabulary.At(at);

        // Places within a string that is counted are too many to be kept; their masks are put together from what is kept of the string.
        own ??= new ulong[vocabulary.Words];
        if (counts)
        {
            own.AsSpan().Clear();
            vocabulary.Fill(at, own);
        }
        else
        {
            vocabulary.At(at).CopyTo(own, 0);
        }

        foreach (var rest in taken)
            if (vocabulary.Trie.Find(0, rest) is >= 0 and var node)
                foreach (var token in vocabulary.Trie.Subtree(node)) own[token >> 6] &= ~(1UL << token);
        return own;
    }

    /// <summary>Whether a token may come next.</summary>
    public bool Allows(int token) => After(token, out _);

    /// <summary>Goes on by a token.</summary>
    /// <returns>False when the grammar does not allow it here; then nothing changed.</returns>
    public bool Accept(int token)
    {
        if (!After(token, out var next)) return false;
        if (next is null)
        {
            Ended = true;
            return true;
        }

        stack = next;
        if (keys is null) return true;
        foreach (var value in vocabulary.Tokenizer.Bytes(token)) keys.Read(value);
        return true;
    }

    /// <summary>
    /// The tokens that must come, in order; empty when there is a choice. To be accepted like any other; they can be decoded together, without sampling.
    /// They are as the model's tokenizer writes them, and end where a longer token could join them with what follows.
    /// </summary>
    public IReadOnlyList<int> Forced() => Ended || stack.Only() < 0 ? [] : vocabulary.Forced(stack.Saturated(vocabulary.Reach));

    public GrammarState Copy() => new(this);

    // Null for an end token.
    private bool After(int token, out Stack? next)
    {
        next = null;
        if (token < 0 || token >= vocabulary.Tokenizer.Size || Ended && !vocabulary.Tokenizer.IsEnd(token)) return false;
        if (vocabulary.Tokenizer.IsEnd(token)) return stack.Ends;
        var bytes = vocabulary.Tokenizer.Bytes(token);
        if (bytes.Length == 0 || bytes.Length > vocabulary.Trie.Longest || vocabulary.Tokenizer.IsControl(token)) return false;
        if (keys is not null)
            foreach (var rest in keys.Rests())
                if (bytes.StartsWith(rest)) return false;

        var at = stack;
        foreach (var value in bytes)
        {
            if (at.Step(value) is not { } after) return false;
            at = after;
        }

        next = at.Released();
        return true;
    }
}
