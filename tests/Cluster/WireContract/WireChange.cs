namespace AgentMesh.Cluster.WireContract;

/// <summary>What a new description takes back of an old one, and what it adds.</summary>
/// <param name="Broken">Promises that a peer of the older version relies on and would miss, in words.</param>
/// <param name="Added">New lines that peers of the older version can ignore.</param>
internal sealed record WireChange(IReadOnlyList<string> Broken, IReadOnlyList<string> Added)
{
    public const string Required = ", required";

    public static WireChange Between(IEnumerable<string> before, IEnumerable<string> after)
    {
        var (old, now) = (Parse(before), Parse(after));
        var broken = new List<string>();
        var added = new List<string>();
        foreach (var (name, shape) in old)
            if (!now.TryGetValue(name, out var other)) broken.Add($"gone: {name} = {shape}");
            else if (other != shape) broken.Add($"changed: {name} was {shape}, is {other}");
        foreach (var (name, shape) in now.Where(n => !old.ContainsKey(n.Key)))
            if (shape.EndsWith(Required, StringComparison.Ordinal) && old.ContainsKey(Owner(name))) broken.Add($"required from now on: {name}; peers of the older version do not send it");
            else added.Add($"{name} = {shape}");
        return new WireChange(broken, added);
    }

    /// <summary>What to do about it; null when nothing changed.</summary>
    public string? Advice => (Broken.Count, Added.Count) switch
    {
        (> 0, _) => $"""
            The wire contract changed incompatibly: silos and clients of the version before could not talk to this one.
            {string.Join('\n', Broken.Select(b => $"  {b}"))}
            Keep what was there, and add beside it: a new method alias, a new [Id], an optional property. If a break is meant (a new major version,
            never a rolling upgrade), run `AGENTMESH_WIRE=break make wire` and say so in the release notes.
            """,
        (0, > 0) => $"""
            The wire contract grew. That is allowed; check that these names and ids are meant to last, then run `make wire` and commit the file.
            {string.Join('\n', Added.Select(a => $"  {a}"))}
            """,
        _ => null,
    };

    private static string Owner(string name) => name[..Math.Max(0, name.LastIndexOf('/'))];

    private static SortedDictionary<string, string> Parse(IEnumerable<string> lines)
    {
        var promises = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Where(l => l.Length > 0 && l[0] != '#'))
        {
            var parts = line.Split(" = ", 2);
            promises.Add(parts[0], parts[1]);
        }

        return promises;
    }
}
