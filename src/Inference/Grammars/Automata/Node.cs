namespace AgentMesh.Inference.Grammars;

/// <summary>A part of a grammar. Immutable once its grammar is built; shared by whatever is parsed with it.</summary>
internal abstract class Node
{
    /// <summary>Of a node that stands for no text at all, because what it needs is not to be had.</summary>
    public const int Never = int.MaxValue / 2;

    private static int ids;

    /// <summary>Orders the frames of a stack, so that equal stacks look equal.</summary>
    public int Id { get; } = Interlocked.Increment(ref ids);

    /// <summary>How many containers deep the shallowest text of this node is.</summary>
    public int Height { get; set; } = Never;

    /// <summary>Its height and those of all below are final: the node is shared by grammars.</summary>
    public bool Settled { get; set; }

    public virtual IReadOnlyList<Node> Parts => [];

    /// <summary>The height from those of the parts.</summary>
    public virtual int Measure() => 0;
}

/// <summary>Exactly these bytes, at least one.</summary>
internal sealed class Literal(byte[] bytes) : Node
{
    public byte[] Bytes => bytes;
}

/// <summary>What a deterministic automaton accepts.</summary>
internal sealed class Machine(Dfa dfa) : Node
{
    public Dfa Dfa => dfa;
}

/// <summary>The rest of a JSON string behind its opening quote: <paramref name="min"/> to <paramref name="max"/> characters and the closing quote.</summary>
internal sealed class Text(int min, int max) : Node
{
    /// <summary>Stands in the frames of all texts: their counters are in the frame.</summary>
    public static readonly Text Any = new(0, int.MaxValue);

    public int Min => min;
    public int Max => max;
}

internal sealed class Sequence(Node[] parts) : Node
{
    public override IReadOnlyList<Node> Parts => parts;
    public override int Measure() => parts.Max(p => p.Height);
}

/// <summary>One of the parts.</summary>
internal sealed class Choice(Node[] parts) : Node
{
    public override IReadOnlyList<Node> Parts => parts;
    public override int Measure() => parts.Length == 0 ? Never : parts.Min(p => p.Height);
}

/// <summary>The item <paramref name="min"/> to <paramref name="max"/> times. An item begins with a comma, which bounds how many one token can hold.</summary>
internal sealed class Repeat(Node item, int min, int max) : Node
{
    private readonly Node[] parts = [item];

    public int Min => min;
    public int Max => max;
    public override IReadOnlyList<Node> Parts => parts;
    public override int Measure() => min == 0 ? 0 : item.Height;
}

/// <summary>A node that is known later: what makes grammars recursive.</summary>
internal sealed class Reference : Node
{
    private Node[] parts = [];

    public Node? Body
    {
        get => parts.Length == 0 ? null : parts[0];
        set => parts = [value!];
    }

    public override IReadOnlyList<Node> Parts => parts;
    public override int Measure() => parts.Length == 0 ? Never : parts[0].Height;
}

/// <summary>One container deeper.</summary>
internal sealed class Nest(Node inner) : Node
{
    private readonly Node[] parts = [inner];

    public override IReadOnlyList<Node> Parts => parts;
    public override int Measure() => Math.Min(Never, inner.Height + 1);
}

/// <summary>The end of a <see cref="Nest"/>; only in stacks.</summary>
internal sealed class NestEnd : Node
{
    public static readonly NestEnd Mark = new() { Height = 0, Settled = true };
}

/// <summary>Here a token ends: what follows begins with a new one.</summary>
internal sealed class TokenBreak : Node
{
    public static readonly TokenBreak Mark = new() { Height = 0, Settled = true };
}
