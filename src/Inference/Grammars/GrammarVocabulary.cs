using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.Grammars;

/// <summary>
/// A model's vocabulary made ready for grammars; one for each model, shared by all its requests. Safe for use in parallel.
/// What tokens do inside a string or a pattern is found once, whatever follows it; what follows is looked at only for tokens that leave it. Whole masks are kept by
/// the place in the grammar, so that requests with one schema share them.
/// </summary>
/// <param name="tokenizer">Needs a token for each single byte that a grammar may ask for; the vocabularies of language models have them all.</param>
/// <param name="keptBytes">Bytes of masks that are kept for reuse, about; what was not used lately is forgotten.</param>
public sealed class GrammarVocabulary(ITokenizer tokenizer, long keptBytes = GrammarVocabulary.DefaultKeptBytes)
{
    /// <summary>48 MiB: about 2,500 masks of a vocabulary of 150,000.</summary>
    public const long DefaultKeptBytes = 48 * 1024 * 1024;

    private readonly Generations<Stack, ulong[]> masks = new(keptBytes / 2, static (_, bits) => (8 * bits.Length) + 512, EqualityComparer<Stack>.Default);
    private readonly Generations<(Dfa, int), HeadMask> heads = new(keptBytes / 4, static (_, h) => 8 * (h.Bits.Length + h.Crossings.Length + h.Longest.Length), EqualityComparer<(Dfa, int)>.Default);
    private readonly Generations<Stack, (int Token, int Characters)[]> crossers = new(keptBytes / 4, static (_, c) => (8 * c.Length) + 512, EqualityComparer<Stack>.Default);
    private readonly Generations<Stack, int[]> runs = new(keptBytes / 16, static (_, tokens) => (4 * tokens.Length) + 512, EqualityComparer<Stack>.Default);
    private ForcedTokens? forced;

    internal TokenTrie Trie { get; } = new(tokenizer);

    internal ITokenizer Tokenizer => tokenizer;

    /// <summary>Words of 64 bits in a mask.</summary>
    public int Words { get; } = (tokenizer.Size + 63) / 64;

    internal int[] EndTokens { get; } = [.. Enumerable.Range(0, tokenizer.Size).Where(tokenizer.IsEnd)];

    internal Reach Reach => field ??= new(Trie.Longest + 1, Trie.Commas + 1);

    /// <summary>A request's walk through a grammar, at its beginning.</summary>
    public GrammarState Start(Grammar grammar) => new(this, grammar);

    /// <param name="stack">Saturated and released.</param>
    internal ulong[] At(Stack stack) => masks.GetOrAdd(stack, at =>
    {
        var bits = new ulong[Words];
        Fill(at, bits);
        return bits;
    });

    /// <summary>Marks the tokens that may come next.</summary>
    internal void Fill(Stack stack, ulong[] bits)
    {
        if (stack.Ends)
            foreach (var token in EndTokens) bits[token >> 6] |= 1UL << token;
        new MaskWalk(this, bits).Run(stack);
        if (bits.AsSpan().IndexOfAnyExcept(0UL) < 0) throw new InvalidOperationException("The vocabulary has no token for what the grammar asks for: it lacks tokens for single bytes.");
    }

    /// <param name="stack">Saturated and released.</param>
    internal int[] Forced(Stack stack) => runs.GetOrAdd(stack, at => (forced ??= new(tokenizer, Trie)).At(at));

    internal HeadMask Head(Dfa dfa, int state, bool text) => heads.GetOrAdd((dfa, state), key => HeadMask.Of(Trie, key.Item1, key.Item2, text, Words));

    /// <summary>The tokens that end a string and may go on behind it, with the characters that they add to it.</summary>
    internal (int Token, int Characters)[] Crossers(HeadMask head, in Frame text) =>
        crossers.GetOrAdd(new([text with { Min = 0, Max = int.MaxValue }], false, text.Below.Depth), key =>
        {
            var found = new List<(int, int)>();
            var list = new List<int>();
            var walk = new MaskWalk(this, [], list);
            var below = key.Frames[0].Below.Closed;
            foreach (var crossing in head.Crossings)
            {
                foreach (var token in Trie.Tokens(crossing.Node)) found.Add((token, crossing.Characters));
                if (!Trie.HasChildren(crossing.Node)) continue;
                list.Clear();
                walk.Below(crossing.Node, below);
                foreach (var token in list) found.Add((token, crossing.Characters));
            }

            return [.. found];
        });
}
