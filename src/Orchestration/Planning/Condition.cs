using System.Text;
using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>
/// A step's <c>when</c>: <c>category.label == 'billing' and category.confidence >= 0.8</c>. A path starts with an artifact's id and goes on with
/// properties (<c>.name</c>, <c>['any name']</c>) and indexes (<c>[0]</c>). A path that leads nowhere is null; comparing null, or values of
/// different types, is false; a path on its own holds when it is the value true. <c>exists(path)</c> tells whether there is a value.
/// </summary>
public sealed class Condition
{
    /// <summary>Longest text, in characters.</summary>
    public const int MaxLength = 2_000;

    /// <summary>Deepest nesting of parentheses and <c>not</c>.</summary>
    public const int MaxDepth = 32;

    private readonly Term _term;
    private readonly IReadOnlyList<Root> _roots;

    private Condition(string text, Term term, IReadOnlyList<Root> roots)
    {
        Text = text;
        _term = term;
        _roots = roots;
    }

    public string Text { get; }

    /// <summary>The artifacts it looks at, each once, in order of appearance.</summary>
    public IEnumerable<ArtifactId> References => _roots.Select(r => r.Id).Distinct();

    /// <exception cref="ConditionException">The text is no condition.</exception>
    public static Condition Parse(string text)
    {
        var parser = new ConditionParser(text);
        var term = parser.Parse();
        return new Condition(text, term, parser.Roots);
    }

    /// <param name="artifact">The artifact's value; null where there is none.</param>
    public bool Evaluate(Func<ArtifactId, JsonElement?> artifact) => _term.Holds(artifact);

    /// <summary>The same condition over other artifacts.</summary>
    public string Rename(Func<ArtifactId, ArtifactId> rename)
    {
        var renamed = new StringBuilder(Text.Length);
        var from = 0;
        foreach (var root in _roots)
        {
            renamed.Append(Text, from, root.Start - from).Append(rename(root.Id).Value);
            from = root.Start + root.Id.Value.Length;
        }

        return renamed.Append(Text, from, Text.Length - from).ToString();
    }

    public override string ToString() => Text;

    /// <param name="Start">0-based offset of the id in the text.</param>
    internal sealed record Root(ArtifactId Id, int Start);

    internal abstract record Term
    {
        public abstract bool Holds(Func<ArtifactId, JsonElement?> artifact);

        public sealed record Any(IReadOnlyList<Term> Terms) : Term
        {
            public override bool Holds(Func<ArtifactId, JsonElement?> artifact) => Terms.Any(t => t.Holds(artifact));
        }

        public sealed record All(IReadOnlyList<Term> Terms) : Term
        {
            public override bool Holds(Func<ArtifactId, JsonElement?> artifact) => Terms.All(t => t.Holds(artifact));
        }

        public sealed record Not(Term Inner) : Term
        {
            public override bool Holds(Func<ArtifactId, JsonElement?> artifact) => !Inner.Holds(artifact);
        }

        public sealed record Exists(Operand.Path Path) : Term
        {
            public override bool Holds(Func<ArtifactId, JsonElement?> artifact) => Path.Find(artifact) is not null;
        }

        public sealed record True(Operand Value) : Term
        {
            public override bool Holds(Func<ArtifactId, JsonElement?> artifact) => Value.Read(artifact) is true;
        }

        public sealed record Compare(Operand Left, string Operator, Operand Right) : Term
        {
            public override bool Holds(Func<ArtifactId, JsonElement?> artifact) => (Left.Read(artifact), Right.Read(artifact)) switch
            {
                (string a, string b) => Ordered(string.CompareOrdinal(a, b)),
                (double a, double b) => Ordered(a.CompareTo(b)),
                (bool a, bool b) => Operator switch { "==" => a == b, "!=" => a != b, _ => false },
                _ => false,
            };

            private bool Ordered(int order) => Operator switch
            {
                "==" => order == 0,
                "!=" => order != 0,
                "<" => order < 0,
                "<=" => order <= 0,
                ">" => order > 0,
                _ => order >= 0,
            };
        }
    }

    internal abstract record Operand
    {
        /// <returns>A string, a double or a bool; null for everything else.</returns>
        public abstract object? Read(Func<ArtifactId, JsonElement?> artifact);

        public sealed record Literal(object Value) : Operand
        {
            public override object Read(Func<ArtifactId, JsonElement?> artifact) => Value;
        }

        /// <param name="Segments">A string for a property, an int for an index.</param>
        public sealed record Path(ArtifactId Root, IReadOnlyList<object> Segments) : Operand
        {
            public override object? Read(Func<ArtifactId, JsonElement?> artifact)
            {
                if (Find(artifact) is not { } found) return null;
                try
                {
                    return found.ValueKind switch
                    {
                        JsonValueKind.String => found.GetString(),
                        JsonValueKind.Number => found.TryGetDouble(out var number) ? number : null,
                        JsonValueKind.True => true,
                        JsonValueKind.False => false,
                        _ => null,
                    };
                }
                catch (InvalidOperationException)
                {
                    // A JSON string may hold half of a surrogate pair, which is no text.
                    return null;
                }
            }

            public JsonElement? Find(Func<ArtifactId, JsonElement?> artifact)
            {
                if (artifact(Root) is not { } at) return null;
                foreach (var segment in Segments)
                {
                    if (Follow(at, segment) is not { } next) return null;
                    at = next;
                }

                return at.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : at;
            }

            private static JsonElement? Follow(JsonElement at, object segment)
            {
                try
                {
                    return segment switch
                    {
                        string name when at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var value) => value,
                        int index when at.ValueKind == JsonValueKind.Array && index < at.GetArrayLength() => at[index],
                        _ => null,
                    };
                }
                catch (InvalidOperationException)
                {
                    // A property's name may hold half of a surrogate pair.
                    return null;
                }
            }
        }
    }
}
