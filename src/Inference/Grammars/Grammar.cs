using System.Text;
using System.Text.Json;

namespace AgentMesh.Inference.Grammars;

/// <summary>
/// The texts that an answer may be, as bytes. Immutable and shared; a request walks it with a <see cref="GrammarState"/>.
/// Every place that the grammar lets a text get to can be completed to a text of the grammar.
/// </summary>
public sealed class Grammar
{
    private static readonly Lazy<Grammar> AnyObject = new(() => new(JsonNodes.Object, freeKeys: true));

    internal Grammar(Node root, bool freeKeys)
    {
        Heights.Settle(root);
        if (root.Height >= Node.Never) throw new GrammarException("", "no value can satisfy the schema");
        if (root.Height > Closure.MaxNesting) throw new GrammarException("", $"its smallest value is nested deeper than {Closure.MaxNesting} levels");
        Start = Stack.Of(root);
        FreeKeys = freeKeys;
    }

    /// <summary>Any JSON object, nested up to 64 deep, with no name twice in an object: the JSON mode of chat interfaces.</summary>
    public static Grammar Json => AnyObject.Value;

    internal Stack Start { get; }

    /// <summary>Whether names in an object may be chosen, and must be watched for repeats.</summary>
    internal bool FreeKeys { get; }

    /// <summary>One of these texts, as they stand.</summary>
    /// <exception cref="GrammarException">There are none, or one is empty.</exception>
    public static Grammar OneOf(IEnumerable<string> texts)
    {
        var bytes = texts.Select(Encoding.UTF8.GetBytes).ToList();
        if (bytes.Exists(b => b.Length == 0)) throw new GrammarException("", "an empty text cannot be chosen");
        return new(new Machine(Dfa.Of(bytes) ?? throw new GrammarException("", "there is no text to choose from")), freeKeys: false);
    }

    /// <summary>Whether the whole text is one of the grammar's.</summary>
    public bool Accepts(ReadOnlySpan<byte> text)
    {
        var stack = Start;
        var keys = FreeKeys ? new KeyWatch() : null;
        foreach (var value in text)
        {
            if (stack.Released().Step(value) is not { } next || keys?.Read(value) == false) return false;
            stack = next;
        }

        return stack.Ends;
    }
}

/// <summary>A schema that cannot be made a grammar: what it asks for cannot be enforced, it is not a schema, or no value satisfies it.</summary>
/// <param name="at">JSON pointer to the place; empty for the root.</param>
public sealed class GrammarException(string at, string reason) : Exception($"The schema cannot be enforced at {(at.Length == 0 ? "(root)" : at)}: {reason}.")
{
    /// <summary>JSON pointer to the place in the schema; empty for the root.</summary>
    public string At => at;

    /// <summary>Schemas come from outside: the caller may have sent one that is not a schema.</summary>
    internal static GrammarException Wrong(string at, string keyword, JsonElement value, string expected) =>
        new(at, $"'{keyword}' must be {expected}, not {(value.GetRawText() is { Length: > 60 } text ? text[..60] + "…" : value.GetRawText())}");
}
