using System.Text.Json;

namespace AgentMesh.Inference.Grammars;

/// <summary>What a set of schemas says together about an object's members.</summary>
internal sealed class ObjectShape
{
    private readonly IReadOnlyList<Clause> clauses;
    private readonly Dictionary<string, List<Clause>> members = new(StringComparer.Ordinal);

    public ObjectShape(IReadOnlyList<Clause> clauses)
    {
        this.clauses = clauses;
        var declares = false;
        foreach (var clause in clauses)
        {
            if (clause.Get("properties", out var properties))
                foreach (var property in Keywords.Members(properties, clause.Place("properties"), "properties"))
                {
                    declares = true;
                    if (members.TryAdd(property.Name, [])) Names.Add(property.Name);
                }

            if (clause.Get("required", out var required))
                foreach (var name in Keywords.List(required, clause.Place("required"), "required")) Required.Add(Keywords.Name(name, clause.Place("required"), "required"));
            if (clause.Get("minProperties", out var min)) Min = Math.Max(Min, Keywords.Count(min, clause.Place("minProperties"), "minProperties"));
            if (clause.Get("maxProperties", out var max)) Max = Math.Min(Max, Keywords.Count(max, clause.Place("maxProperties"), "maxProperties"));
            if (clause.Get("propertyNames", out var names)) NameRules.Add(clause.Sub("propertyNames", names));
            if (!clause.Get("additionalProperties", out var additional)) continue;
            Extra ??= [];
            Extra.Add(clause.Sub("additionalProperties", additional));
        }

        // Names that are asked for and not described are written behind those that are.
        foreach (var name in Required.Where(n => members.TryAdd(n, [])).Order(StringComparer.Ordinal)) Names.Add(name);
        foreach (var (name, rules) in members) rules.AddRange(Rules(name));
        Open = Extra is null ? !declares && Names.Count == 0 : !Extra.Exists(c => c.Schema.ValueKind == JsonValueKind.False);
    }

    /// <summary>Declared names in the order of writing.</summary>
    public List<string> Names { get; } = [];

    public HashSet<string> Required { get; } = new(StringComparer.Ordinal);

    /// <summary>Schemas of the members with other names; null when nothing is said of them.</summary>
    public List<Clause>? Extra { get; }

    /// <summary>Whether members with other names are written.</summary>
    public bool Open { get; }

    public List<Clause> NameRules { get; } = [];
    public int Min { get; }
    public int Max { get; } = int.MaxValue;

    public IReadOnlyList<Clause> this[string name] => members[name];

    public bool Declares(string name) => members.ContainsKey(name);

    /// <summary>Whether a schema refuses members that its own <c>properties</c> do not name, this among them.</summary>
    public bool Refuses(string name) => Rules(name).Any(r => r.Schema.ValueKind == JsonValueKind.False);

    /// <summary>The schemas of one member: of each schema the property's, else that of additional ones.</summary>
    public IEnumerable<Clause> Rules(string name)
    {
        foreach (var clause in clauses)
            if (clause.Get("properties", out var properties) && properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out var own))
                yield return new(own, Keywords.Place(clause.Place("properties"), name));
            else if (clause.Get("additionalProperties", out var additional))
                yield return clause.Sub("additionalProperties", additional);
    }
}
