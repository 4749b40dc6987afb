using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AgentMesh.Inference.Grammars;

/// <summary>Translates schemas that a value must obey at once and that have no options left to choose from.</summary>
internal sealed class LeafTranslator(SchemaTranslator translator, List<Clause> clauses)
{
    private const int MaxMembers = 2_000;
    private const int MaxOptional = 500;
    private const int MaxFirstItems = 2_000;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private string At => clauses[0].At;

    public Node Translate()
    {
        var types = clauses.Aggregate(Types.All, (all, c) => all & Keywords.TypesOf(c));
        if (ValueList.Of(clauses) is { } values) return Values(values, types);
        var options = new List<Node>();
        if (types.HasFlag(Types.Object)) options.Add(Object());
        if (types.HasFlag(Types.Array)) options.Add(Array());
        if (types.HasFlag(Types.String)) options.Add(Strings());
        if (types.HasFlag(Types.Number) || types.HasFlag(Types.Integer)) options.Add(Number(!types.HasFlag(Types.Number)));
        if (types.HasFlag(Types.Boolean)) options.Add(JsonNodes.Boolean);
        if (types.HasFlag(Types.Null)) options.Add(JsonNodes.Null);
        return options.Count == 1 ? options[0] : new Choice([.. options]);
    }

    // Values that the other keywords refuse are left out; of lists and objects only the type is looked at, and more is refused.
    private Node Values(List<JsonElement> values, Types types)
    {
        Node? text = null, number = null;
        var kept = new List<byte[]>();
        foreach (var value in values)
        {
            var type = Keywords.Of(value);
            if ((types & type) == Types.None) continue;
            var written = Written(value);
            if (type == Types.String && !Fits(text ??= Strings(), written)) continue;
            if (type is Types.Number or Types.Integer && Has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf") && !Fits(number ??= Number(!types.HasFlag(Types.Number)), written)) continue;
            if (type is Types.Object) Only("enum", "properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties");
            if (type is Types.Array) Only("enum", "items", "prefixItems", "minItems", "maxItems");
            kept.Add(written);
        }

        return Dfa.Of(kept) is { } dfa ? new Machine(dfa) : new Choice([]);
    }

    private static bool Fits(Node node, byte[] text)
    {
        Heights.Settle(node);
        var stack = Stack.Of(node);
        foreach (var value in text)
        {
            if (stack.Step(value) is not { } next) return false;
            stack = next;
        }

        return stack.Ends;
    }

    private bool Has(params ReadOnlySpan<string> keywords)
    {
        foreach (var keyword in keywords)
            if (clauses.Exists(c => c.Get(keyword, out _))) return true;
        return false;
    }

    private void Only(string wanted, params ReadOnlySpan<string> others)
    {
        foreach (var other in others)
            if (clauses.Find(c => c.Get(other, out _)) is { Schema.ValueKind: JsonValueKind.Object } clause)
                throw new GrammarException(clause.Place(other), $"'{other}' cannot be enforced beside the objects or lists of an '{wanted}'");
    }

    private byte[] Written(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number) return Encoding.UTF8.GetBytes(value.GetRawText());
        try
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream, Compact)) value.WriteTo(writer);
            var bytes = stream.ToArray();
            using var again = JsonDocument.Parse(bytes, new() { AllowDuplicateProperties = false });
            return bytes;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new GrammarException(At, $"a value cannot be written as JSON: {error.Message}");
        }
    }

    private Node Object()
    {
        var shape = new ObjectShape(clauses);
        var names = shape.NameRules.Count == 0 ? null : StringRules.Names(shape.NameRules);
        if (shape.Names.Count > MaxMembers) throw new GrammarException(At, $"an object may declare {MaxMembers:N0} properties at most");
        var members = new List<JsonNodes.Member>();
        foreach (var name in shape.Names)
        {
            var required = shape.Required.Contains(name);
            var value = names is { } rules && !rules.Matches(Encoding.UTF8.GetBytes(Name(name)).AsSpan(1)) ? new Choice([]) : translator.Unit(shape[name]);
            members.Add(new($"{Name(name)}:", value, required));
        }

        if (members.Count(m => !m.Required) > MaxOptional) throw new GrammarException(At, $"an object may have {MaxOptional:N0} optional properties at most");
        return JsonNodes.ObjectOf(members, Free(shape, members, names));
    }

    private JsonNodes.FreeMembers? Free(ObjectShape shape, List<JsonNodes.Member> members, Dfa? names)
    {
        var required = members.Count(m => m.Required);
        var bounded = shape.Min > required || shape.Max < int.MaxValue;
        if (bounded && members.Count > required)
        {
            // Only bounds that hold whatever is left out can be kept with optional members.
            if (shape.Min > required && !shape.Open) throw new GrammarException(At, "'minProperties' cannot be enforced beside optional properties; make them required");
            if (shape.Max < members.Count) throw new GrammarException(At, "'maxProperties' cannot be enforced beside optional properties; make them required");
        }

        if (shape.Max < required || (!shape.Open && shape.Min > members.Count)) return new(FreeKeys.Build([], null)!, new Choice([]), 1, 1);
        if (!shape.Open) return null;
        var keys = Keys(shape, names);
        if (keys is null)
            return shape.Min > required ? throw new GrammarException(At, "'propertyNames' leaves too few names for 'minProperties'") : null;
        translator.FreeKeys = true;
        var max = shape.Max == int.MaxValue ? int.MaxValue : shape.Max - members.Count;
        return new(keys, translator.Unit(shape.Extra ?? []), Math.Max(0, shape.Min - required), max);
    }

    private Dfa? Keys(ObjectShape shape, Dfa? names)
    {
        try
        {
            return FreeKeys.Build(shape.Names, names);
        }
        catch (AutomatonSizeException)
        {
            throw new GrammarException(At, "the names of its properties need too large an automaton");
        }
    }

    private static string Name(string name) => $"\"{JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private Node Array()
    {
        var (min, max, firsts) = (0, int.MaxValue, 0);
        foreach (var clause in clauses)
        {
            if (clause.Get("minItems", out var least)) min = Math.Max(min, Keywords.Count(least, clause.Place("minItems"), "minItems"));
            if (clause.Get("maxItems", out var most)) max = Math.Min(max, Keywords.Count(most, clause.Place("maxItems"), "maxItems"));
            if (clause.Get("prefixItems", out var prefix)) firsts = Math.Max(firsts, Keywords.List(prefix, clause.Place("prefixItems"), "prefixItems").Count);
            if (clause.Get("items", out var items) && items.ValueKind == JsonValueKind.Array) throw new GrammarException(clause.Place("items"), "a list of schemas is called 'prefixItems'");
        }

        if (firsts > MaxFirstItems) throw new GrammarException(At, $"'prefixItems' may have {MaxFirstItems:N0} schemas at most");
        var first = Enumerable.Range(0, firsts).Select(i => translator.Unit([.. clauses.SelectMany(c => Item(c, i))])).ToList();
        // A tuple has no items beyond those described, as an object has no members, unless they are needed or described.
        var open = firsts == 0 || min > firsts || Has("items");
        var rest = open ? translator.Unit([.. clauses.SelectMany(c => Item(c, int.MaxValue))]) : null;
        return min > max ? new Choice([]) : JsonNodes.ArrayOf(first, rest, min, max);
    }

    private static IEnumerable<Clause> Item(Clause clause, int index)
    {
        if (clause.Get("prefixItems", out var prefix) && index < prefix.GetArrayLength()) yield return new(prefix[index], Keywords.Place(clause.Place("prefixItems"), $"{index}"));
        else if (clause.Get("items", out var items)) yield return clause.Sub("items", items);
    }

    private Node Strings()
    {
        var rules = StringRules.Of(clauses, out var min, out var max);
        if (min > max) return new Choice([]);
        if (rules.Count == 0) return min == 0 && max == int.MaxValue ? JsonNodes.String : JsonNodes.Quoted(new Text(min, max));
        return StringRules.Join(rules, min, max, At) is { } dfa ? JsonNodes.Quoted(new Machine(dfa)) : new Choice([]);
    }

    private Node Number(bool whole)
    {
        var range = NumberRules.Of(clauses, whole);
        return range is { } found ? translator.Number(found, At) : new Choice([]);
    }
}
