namespace AgentMesh.Inference.Grammars;

/// <summary>
/// What a vocabulary's tokens do in a state of an automaton, whatever follows the automaton: the part of a mask that does not depend on the stack.
/// Strings are taken without their bounds; the characters that a token adds are kept, so that bounds can be applied.
/// </summary>
internal sealed class HeadMask
{
    /// <summary>Tokens with up to so many characters are not noted one by one: where less may come, the tokens are walked.</summary>
    public const int Short = 8;

    private HeadMask(ulong[] bits, Crossing[] crossings, (int Token, int Characters)[] longest)
    {
        (Bits, Crossings) = (bits, crossings);
        Longest = longest;
    }

    /// <summary>Tokens that stay inside.</summary>
    public ulong[] Bits { get; }

    /// <summary>Where a token's bytes leave the automaton, in the order of the nodes.</summary>
    public Crossing[] Crossings { get; }

    /// <summary>Tokens that stay inside and add more than <see cref="Short"/> characters, the most first.</summary>
    public (int Token, int Characters)[] Longest { get; }

    /// <param name="Node">The trie's node of the last byte inside.</param>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    public readonly record struct Crossing(int Node, int Characters);

    public static HeadMask Of(TokenTrie trie, Dfa dfa, int state, bool text, int words)
    {
        var bits = new ulong[words];
        var crossings = new List<Crossing>();
        var longest = new List<(int Token, int Characters)>();
        Span<int> states = stackalloc int[byte.MaxValue + 1];
        Span<int> characters = stackalloc int[byte.MaxValue + 1];
        states[0] = state;
        characters[0] = 0;
        for (var node = 1; node < trie.Count;)
        {
            var depth = trie.Depth(node);
            var from = states[depth - 1];
            var next = dfa.Step(from, trie.Label(node));
            if (next < 0)
            {
                node = trie.Skip(node);
                continue;
            }

            var count = characters[depth - 1];
            var leaves = dfa.Accepts(next);
            if (text && !leaves && JsonText.Counts(from)) count++;
            (states[depth], characters[depth]) = (next, count);
            if (leaves) crossings.Add(new(node, count));
            // A token that ends right behind a text's closing quote depends on the bounds; it is added with the crossings.
            if (!text || !leaves)
                foreach (var token in trie.Tokens(node))
                {
                    bits[token >> 6] |= 1UL << token;
                    if (count > Short) longest.Add((token, count));
                }

            node = text && leaves ? trie.Skip(node) : node + 1;
        }

        return new(bits, [.. crossings], text ? [.. longest.OrderByDescending(l => l.Characters)] : []);
    }
}
