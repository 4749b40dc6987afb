using System.Text;

namespace AgentMesh.Inference.Grammars;

/// <summary>The nodes that schemas have in common, and how containers are written: without white space, members in the order of their declaration.</summary>
internal static class JsonNodes
{
    public static readonly Node True = Word("true");
    public static readonly Node False = Word("false");
    public static readonly Node Null = Word("null");
    public static readonly Node Quote = Word("\"");
    public static readonly Node Boolean = new Choice([True, False]);
    public static readonly Node String = Quoted(Text.Any);
    public static readonly Node Integer = new Machine(Numbers.Build(NumberRange.Any with { Whole = true })!);
    public static readonly Node Number = new Machine(Numbers.Build(NumberRange.Any)!);

    /// <summary>Any JSON value, and any object.</summary>
    public static readonly Node Value, Object;

    /// <summary>Any array.</summary>
    public static readonly Node Array;

    private static readonly Node Comma = Word(",");
    private static readonly Node Colon = Word(":");
    private static readonly Node CloseObject = Word("}");
    private static readonly Node CloseArray = Word("]");

    static JsonNodes()
    {
        var value = new Reference();
        Object = ObjectOf([], new FreeMembers(FreeKeys.Build([], null)!, value, 0, int.MaxValue));
        Array = ArrayOf([], value, 0, int.MaxValue);
        value.Body = new Choice([Object, Array, String, Number, Boolean, Null]);
        Value = value;
        foreach (var node in (ReadOnlySpan<Node>)[Value, Integer, True, False, Null, Quote, Comma, Colon, CloseObject, CloseArray]) Heights.Settle(node);
    }

    public static Node Word(string text) => new Literal(Encoding.UTF8.GetBytes(text));

    public static Node Quoted(Node inside) => new Sequence([Quote, inside]);

    /// <param name="Name">The name with its quotes and escapes, and the colon.</param>
    public readonly record struct Member(string Name, Node Value, bool Required);

    /// <summary>Members with names that are chosen, behind the declared ones.</summary>
    /// <param name="Keys">The names that may be chosen, with the closing quote.</param>
    public sealed record FreeMembers(Dfa Keys, Node Value, int Min, int Max);

    public static Node ObjectOf(IReadOnlyList<Member> members, FreeMembers? free)
    {
        // From the end: what may come when nothing is written yet, and what may come behind a member.
        Node fresh, behind;
        if (free is null or { Max: 0 })
        {
            fresh = behind = CloseObject;
        }
        else
        {
            Node[] member = [Quote, TokenBreak.Mark, new Machine(free.Keys), Colon, free.Value];
            var next = new Sequence([Comma, .. member]);
            behind = new Sequence([new Repeat(next, free.Min, free.Max), CloseObject]);
            fresh = new Sequence([.. member, new Repeat(next, Math.Max(0, free.Min - 1), Stack.Less(free.Max)), CloseObject]);
            if (free.Min == 0) fresh = new Choice([fresh, CloseObject]);
        }

        for (var i = members.Count - 1; i >= 0; i--)
        {
            var (name, value, required) = members[i];
            Node first = new Sequence([Word(name), value, behind]);
            Node later = new Sequence([Word("," + name), value, behind]);
            fresh = required ? first : new Choice([first, fresh]);
            behind = required ? later : new Choice([later, behind]);
        }

        return new Sequence([Word("{"), new Nest(fresh)]);
    }

    /// <param name="rest">The items behind the first ones; null: there are none.</param>
    public static Node ArrayOf(IReadOnlyList<Node> first, Node? rest, int min, int max)
    {
        var count = Math.Min(first.Count, max);
        Node fresh, behind;
        var room = max == int.MaxValue ? max : max - count;
        if (rest is null || room == 0)
        {
            fresh = behind = CloseArray;
        }
        else
        {
            var next = new Sequence([Comma, rest]);
            var need = Math.Max(0, min - count);
            behind = new Sequence([new Repeat(next, need, room), CloseArray]);
            fresh = new Sequence([rest, new Repeat(next, Math.Max(0, need - 1), Stack.Less(room)), CloseArray]);
            if (need == 0) fresh = new Choice([fresh, CloseArray]);
        }

        for (var i = count - 1; i >= 0; i--)
        {
            var item = first[i];
            Node head = new Sequence([item, behind]);
            Node later = new Sequence([Comma, item, behind]);
            fresh = i < min ? head : new Choice([head, CloseArray]);
            behind = i < min ? later : new Choice([later, CloseArray]);
        }

        return new Sequence([Word("["), new Nest(fresh)]);
    }
}
