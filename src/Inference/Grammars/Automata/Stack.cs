namespace AgentMesh.Inference.Grammars;

/// <summary>A place in a grammar, and what is to come after the node that it is in.</summary>
/// <param name="At">The byte of a literal, the state of an automaton, the part of a sequence.</param>
/// <param name="Min">How many characters or items must still come.</param>
/// <param name="Max">How many may.</param>
internal readonly record struct Frame(Node Node, int At, int Min, int Max, Stack Below)
{
    public int Order(in Frame other) =>
        Node.Id != other.Node.Id ? Node.Id.CompareTo(other.Node.Id)
        : At != other.At ? At.CompareTo(other.At)
        : Min != other.Min ? Min.CompareTo(other.Min)
        : Max.CompareTo(other.Max);
}

/// <summary>
/// All places that a text can be in at once: a set of frames, each over a set of what may follow. Frames at one place are merged and their
/// continuations united, so that ambiguous schemas grow the set of continuations and not the number of stacks. Immutable; equal by value.
/// </summary>
internal sealed class Stack : IEquatable<Stack>
{
    /// <summary>Nothing is to come.</summary>
    public static readonly Stack Bottom = new([], true, 0);

    private readonly int hash;
    private Stack? closed;
    private Saturation? saturated;

    /// <param name="frames">In order and without repeats.</param>
    /// <param name="ends">Whether the text may end here.</param>
    /// <param name="depth">Containers that are open; the same in all frames, for they have read the same brackets.</param>
    public Stack(Frame[] frames, bool ends, int depth)
    {
        Frames = frames;
        Ends = ends;
        Depth = depth;
        var code = HashCode.Combine(frames.Length, ends, depth);
        foreach (ref readonly var frame in frames.AsSpan()) code = HashCode.Combine(code, frame.Node.Id, frame.At, frame.Min, frame.Max, frame.Below.hash);
        hash = code;
    }

    public Frame[] Frames { get; }
    public bool Ends { get; }
    public int Depth { get; }

    /// <summary>The same with every frame at a node that reads a byte.</summary>
    public Stack Closed => closed ??= new Closure().Add(this).Build();

    public static Stack Of(Node node) => new Closure().Add(node, Bottom).Build();

    /// <summary>The places after a byte; null when no place allows it.</summary>
    public Stack? Step(byte value)
    {
        if (Frames.Length == 1 && Frames[0] is { Node: Literal literal } only && only.At + 1 < literal.Bytes.Length)
            return literal.Bytes[only.At] == value ? new Stack([only with { At = only.At + 1 }], false, Depth) : null;

        var closure = new Closure();
        foreach (ref readonly var frame in Frames.AsSpan()) Advance(frame, value, closure);
        return closure.IsEmpty ? null : closure.Build();
    }

    /// <summary>The byte that must come; -1 when there is a choice, or a token must end first.</summary>
    public int Only()
    {
        var only = -1;
        foreach (ref readonly var frame in Frames.AsSpan())
        {
            int value;
            switch (frame.Node)
            {
                case Literal literal:
                    value = literal.Bytes[frame.At];
                    break;
                case Machine machine when machine.Dfa.From(frame.At) is [var edge] && edge.Low == edge.High:
                    value = edge.Low;
                    break;
                case Text when frame is { At: JsonText.Border, Max: 0 }:
                    value = '"';
                    break;
                default: return -1;
            }

            if (only >= 0 && only != value) return -1;
            only = value;
        }

        return Ends ? -1 : only;
    }

    /// <summary>What a new token may begin with: frames that waited for the last one's end go on.</summary>
    public Stack Released()
    {
        var waits = false;
        foreach (ref readonly var frame in Frames.AsSpan()) waits |= frame.Node is TokenBreak;
        if (!waits) return this;

        var closure = new Closure();
        foreach (ref readonly var frame in Frames.AsSpan())
            if (frame.Node is TokenBreak) closure.Add(frame.Below);
            else closure.Keep(frame);
        if (Ends) closure.End();
        return closure.Build();
    }

    /// <summary>The same with counters cut to what one token can reach: stacks that differ further ahead allow the same tokens.</summary>
    public Stack Saturated(Reach reach)
    {
        if (saturated is { } known && ReferenceEquals(known.Reach, reach)) return known.Stack;
        var changed = false;
        var cut = new Frame[Frames.Length];
        for (var i = 0; i < cut.Length; i++)
        {
            var frame = Frames[i];
            var limit = frame.Node is Text ? reach.Characters : reach.Items;
            var below = frame.Below.Saturated(reach);
            cut[i] = frame.Node is Text or Repeat
                ? frame with { Min = Math.Min(frame.Min, limit), Max = frame.Max > limit ? int.MaxValue : frame.Max, Below = below }
                : frame with { Below = below };
            changed |= cut[i].Min != frame.Min || cut[i].Max != frame.Max || !ReferenceEquals(below, frame.Below);
        }

        var stack = !changed ? this : cut.Length == 1 ? new Stack(cut, Ends, Depth) : Merge(cut);
        saturated = new(reach, stack);
        return stack;
    }

    public Stack Union(Stack other)
    {
        if (Equals(other)) return this;
        var closure = new Closure();
        foreach (ref readonly var frame in Frames.AsSpan()) closure.Keep(frame);
        foreach (ref readonly var frame in other.Frames.AsSpan()) closure.Keep(frame);
        if (Ends || other.Ends) closure.End();
        return closure.Build(Depth);
    }

    public bool Equals(Stack? other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || hash != other.hash || Ends != other.Ends || Depth != other.Depth || Frames.Length != other.Frames.Length) return false;
        for (var i = 0; i < Frames.Length; i++)
        {
            ref readonly var mine = ref Frames[i];
            ref readonly var its = ref other.Frames[i];
            if (!ReferenceEquals(mine.Node, its.Node) || mine.At != its.At || mine.Min != its.Min || mine.Max != its.Max || !mine.Below.Equals(its.Below)) return false;
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as Stack);

    public override int GetHashCode() => hash;

    private Stack Merge(Frame[] frames)
    {
        var closure = new Closure();
        foreach (ref readonly var frame in frames.AsSpan()) closure.Keep(frame);
        if (Ends) closure.End();
        return closure.Build(Depth);
    }

    private static void Advance(in Frame frame, byte value, Closure closure)
    {
        switch (frame.Node)
        {
            case Literal literal when literal.Bytes[frame.At] == value:
                if (frame.At + 1 < literal.Bytes.Length) closure.Keep(frame with { At = frame.At + 1 });
                else closure.Add(frame.Below);
                break;
            case Machine machine when machine.Dfa.Step(frame.At, value) is >= 0 and var next:
                closure.Add(frame with { At = next });
                break;
            case Text when JsonText.Step(frame.At, value, frame.Min, frame.Max) is >= 0 and var next:
                if (next == JsonText.Done) closure.Add(frame.Below);
                else closure.Keep(JsonText.Counts(frame.At) ? frame with { At = next, Min = Math.Max(0, frame.Min - 1), Max = Less(frame.Max) } : frame with { At = next });
                break;
        }
    }

    public static int Less(int max) => max == int.MaxValue ? max : max - 1;

    private sealed record Saturation(Reach Reach, Stack Stack);
}

/// <summary>How far one token of a vocabulary reaches.</summary>
/// <param name="Characters">More characters than any token has.</param>
/// <param name="Items">More commas than any token has.</param>
internal sealed record Reach(int Characters, int Items);
