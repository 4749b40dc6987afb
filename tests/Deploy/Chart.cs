using System.Text.Json.Nodes;

namespace AgentMesh.Deploy;

/// <summary>The chart as helm would render it: either its objects, or what it refuses and why.</summary>
internal sealed record Chart(IReadOnlyList<string> Errors, IReadOnlyList<Manifest> Objects, string Notes)
{
    /// <param name="set">YAML laid over the values.</param>
    /// <param name="example">The name of a file under examples, laid under <paramref name="set"/>.</param>
    public static async Task<Chart> Render(string set = "", string? example = null) => Read(await Answer(set, example));

    /// <summary>A chart of its own from an answer of the render program, which a test may change.</summary>
    public static Chart Read(string answer)
    {
        var read = JsonNode.Parse(answer)!;
        return new([.. Strings(read["errors"])], [.. read["objects"]?.AsArray().Select(o => new Manifest(o!)) ?? []], (string?)read["notes"] ?? "");
    }

    public static Task<string> Answer(string set, string? example)
    {
        var request = new JsonObject
        {
            ["chart"] = Repository.Chart,
            ["release"] = "mesh",
            ["namespace"] = "agents",
            ["kubeVersion"] = "1.33.0",
            ["files"] = example is null ? [] : new JsonArray(Path.Combine(Repository.Chart, "examples", example)),
            ["set"] = set,
        };
        return Programs.Render(request.ToJsonString());
    }

    /// <summary>The one object of a kind whose name ends so.</summary>
    public Manifest One(string kind, string end = "") => Assert.Single(Of(kind), o => o.Name.EndsWith(end, StringComparison.Ordinal));

    public IEnumerable<Manifest> Of(string kind) => Objects.Where(o => o.Kind == kind);

    public IEnumerable<Manifest> Workloads => Objects.Where(o => o.Kind is "Deployment" or "Job");

    public static IEnumerable<string> Strings(JsonNode? list) => list?.AsArray().Select(s => (string)s!) ?? [];
}

/// <summary>One Kubernetes object.</summary>
internal sealed record Manifest(JsonNode Json)
{
    public string Kind => (string)Json["kind"]!;

    public string Name => (string)Json["metadata"]!["name"]!;

    public JsonNode Spec => Json["spec"]!;

    /// <summary>The pod's template, of a workload.</summary>
    public JsonNode Pod => Spec["template"]!["spec"]!;

    public JsonNode PodLabels => Spec["template"]!["metadata"]!["labels"]!;

    public IEnumerable<JsonNode> Containers => List(Pod["containers"]).Concat(List(Pod["initContainers"]));

    /// <summary>The program that this project makes; the other containers are the user's.</summary>
    public JsonNode Program => List(Pod["containers"])[0];

    public IEnumerable<JsonNode> Environment => List(Program["env"]);

    public string? Variable(string name) => Environment.Where(e => (string)e["name"]! == name).Select(e => (string?)e["value"]).SingleOrDefault();

    public bool IsSilo => (string?)PodLabels["agentmesh/silo"] == "true";

    /// <summary>Whether a selector (matchLabels, or a Service's own map) chooses this workload's pods.</summary>
    public bool ChosenBy(JsonNode selector) => (selector["matchLabels"] ?? selector).AsObject().All(l => JsonNode.DeepEquals(PodLabels[l.Key], l.Value));

    public override string ToString() => $"{Kind} {Name}";

    public static IReadOnlyList<JsonNode> List(JsonNode? list) => [.. list?.AsArray().Select(n => n!) ?? []];
}
