namespace AgentMesh.Inference.Grammars;

/// <summary>Collects the frames of a stack: follows nodes down to where a byte is read.</summary>
internal sealed class Closure
{
    /// <summary>The deepest nesting that the runtime's own JSON reader takes.</summary>
    public const int MaxNesting = 64;

    private readonly List<Frame> found = [];
    private Stack<Frame>? pending;
    private HashSet<(Node, Stack)>? followed;
    private bool ends;

    public bool IsEmpty => found.Count == 0 && !ends;

    /// <summary>A frame that is already at a node that reads a byte.</summary>
    public void Keep(in Frame frame)
    {
        // The usual set has one or two frames; a large one is searched by halves.
        int low = 0, high = found.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            var order = found[middle].Order(frame);
            if (order == 0)
            {
                if (!ReferenceEquals(found[middle].Below, frame.Below)) found[middle] = frame with { Below = found[middle].Below.Union(frame.Below) };
                return;
            }

            if (order < 0) low = middle + 1;
            else high = middle;
        }

        found.Insert(low, frame);
    }

    public void End() => ends = true;

    /// <summary>All that a stack, closed or not, holds.</summary>
    public Closure Add(Stack stack)
    {
        Pop(stack);
        Follow();
        return this;
    }

    public void Add(in Frame frame)
    {
        Expand(frame);
        Follow();
    }

    public Closure Add(Node node, Stack below)
    {
        Push(node, below);
        Follow();
        return this;
    }

    /// <summary>A stack of frames that read a byte: each is as deep as what is below it.</summary>
    public Stack Build() => found.Count > 0 ? Build(found[0].Below.Depth) : Stack.Bottom;

    public Stack Build(int depth) => new([.. found], ends, depth);

    private void Follow()
    {
        while (pending is { Count: > 0 }) Expand(pending.Pop());
    }

    private void Pop(Stack stack)
    {
        ends |= stack.Ends;
        foreach (ref readonly var frame in stack.Frames.AsSpan()) (pending ??= new()).Push(frame);
    }

    private void Push(Node node, Stack below)
    {
        // A way that would nest too deep is not gone; another is there, for the way here was chosen by its height too.
        if (node.Height + below.Depth > MaxNesting) return;
        (pending ??= new()).Push(node switch
        {
            Text text => new(Text.Any, 0, text.Min, text.Max, below),
            Repeat repeat => new(repeat, 0, repeat.Min, repeat.Max, below),
            _ => new(node, 0, 0, 0, below),
        });
    }

    private void Expand(in Frame frame)
    {
        switch (frame.Node)
        {
            case Machine machine:
                if (machine.Dfa.Goes(frame.At)) Keep(frame);
                if (machine.Dfa.Accepts(frame.At)) Pop(frame.Below);
                break;
            case Sequence sequence:
                var rest = frame.At + 1 == sequence.Parts.Count ? frame.Below : One(frame with { At = frame.At + 1 }, frame.Below.Depth);
                Push(sequence.Parts[frame.At], rest);
                break;
            case Choice choice:
                foreach (var part in choice.Parts) Push(part, frame.Below);
                break;
            case Repeat repeat:
                if (frame.Max > 0) Push(repeat.Parts[0], One(frame with { Min = Math.Max(0, frame.Min - 1), Max = Stack.Less(frame.Max) }, frame.Below.Depth));
                if (frame.Min == 0) Pop(frame.Below);
                break;
            case Reference reference:
                // A schema may lead back to itself without reading anything.
                if ((followed ??= []).Add((reference, frame.Below))) Push(reference.Body!, frame.Below);
                break;
            case Nest nest:
                Push(nest.Parts[0], One(new(NestEnd.Mark, 0, 0, 0, frame.Below), frame.Below.Depth + 1));
                break;
            case NestEnd:
                Pop(frame.Below);
                break;
            default:
                Keep(frame);
                break;
        }
    }

    private static Stack One(in Frame frame, int depth) => new([frame], false, depth);
}
