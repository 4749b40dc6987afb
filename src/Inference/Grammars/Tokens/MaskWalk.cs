namespace AgentMesh.Inference.Grammars;

/// <summary>Finds the tokens that may come next at a stack.</summary>
/// <param name="bits">Where they are marked.</param>
/// <param name="list">Where they are listed instead, perhaps more than once.</param>
internal sealed class MaskWalk(GrammarVocabulary vocabulary, ulong[] bits, List<int>? list = null)
{
    private readonly TokenTrie trie = vocabulary.Trie;

    /// <summary>Adds the tokens that the frames allow; the stack is closed and released.</summary>
    public void Run(Stack stack)
    {
        foreach (ref readonly var frame in stack.Frames.AsSpan())
        {
            switch (frame.Node)
            {
                case Text: Inside(vocabulary.Head(JsonText.Dfa, frame.At, text: true), frame); break;
                case Machine machine when machine.Dfa.IsWide: Inside(vocabulary.Head(machine.Dfa, frame.At, text: false), frame); break;
                default: Below(0, frame); break;
            }
        }
    }

    private void Inside(HeadMask head, in Frame frame)
    {
        var text = frame.Node is Text;
        if (text && frame.Max < HeadMask.Short)
        {
            Below(0, frame);
            return;
        }

        // A frame with a bound takes away what it may not add, which another frame may.
        var longer = 0;
        if (text && frame.Max < int.MaxValue)
            while (longer < head.Longest.Length && head.Longest[longer].Characters > frame.Max) longer++;
        var kept = longer == 0 ? null : Kept(head, longer);
        for (var i = 0; i < bits.Length; i++) bits[i] |= head.Bits[i];
        if (kept is not null)
            foreach (var (token, had) in kept)
                if (!had) bits[token >> 6] &= ~(1UL << token);

        if (text)
        {
            foreach (var (token, characters) in vocabulary.Crossers(head, frame))
                if (characters >= frame.Min && characters <= frame.Max) Mark(token);
            return;
        }

        foreach (var crossing in head.Crossings)
            if (trie.HasChildren(crossing.Node)) Below(crossing.Node, frame.Below.Closed);
    }

    private List<(int Token, bool Had)> Kept(HeadMask head, int count)
    {
        var kept = new List<(int, bool)>(count);
        for (var i = 0; i < count; i++)
        {
            var token = head.Longest[i].Token;
            kept.Add((token, (bits[token >> 6] >> token & 1) != 0));
        }

        return kept;
    }

    /// <summary>Adds the tokens below a node whose further bytes the stack allows.</summary>
    public void Below(int node, Stack stack)
    {
        foreach (ref readonly var frame in stack.Frames.AsSpan()) Below(node, frame);
    }

    private void Below(int node, in Frame frame)
    {
        switch (frame.Node)
        {
            case Literal literal: Spell(node, literal, frame); break;
            case Machine machine: Read(node, machine.Dfa, frame); break;
            case Text: Read(node, JsonText.Dfa, frame); break;
        }
    }

    private void Spell(int node, Literal literal, in Frame frame)
    {
        for (var at = frame.At; at < literal.Bytes.Length; at++)
        {
            if ((node = trie.Child(node, literal.Bytes[at])) < 0) return;
            Mark(trie.Tokens(node));
        }

        if (trie.HasChildren(node)) Below(node, frame.Below.Closed);
    }

    private void Read(int root, Dfa dfa, in Frame frame)
    {
        var text = frame.Node is Text;
        var top = trie.Depth(root);
        Span<int> states = stackalloc int[byte.MaxValue + 1];
        Span<int> characters = stackalloc int[byte.MaxValue + 1];
        states[top] = frame.At;
        characters[top] = 0;
        for (var node = root + 1; node < trie.Skip(root);)
        {
            var depth = trie.Depth(node);
            var (from, count) = (states[depth - 1], characters[depth - 1]);
            var next = text ? JsonText.Step(from, trie.Label(node), frame.Min - count, frame.Max == int.MaxValue ? int.MaxValue : frame.Max - count) : dfa.Step(from, trie.Label(node));
            if (next < 0)
            {
                node = trie.Skip(node);
                continue;
            }

            (states[depth], characters[depth]) = (next, text && JsonText.Counts(from) ? count + 1 : count);
            Mark(trie.Tokens(node));
            if (dfa.Accepts(next) && trie.HasChildren(node)) Below(node, frame.Below.Closed);
            node++;
        }
    }

    private void Mark(ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens) Mark(token);
    }

    private void Mark(int token)
    {
        if (list is null) bits[token >> 6] |= 1UL << token;
        else list.Add(token);
    }
}
