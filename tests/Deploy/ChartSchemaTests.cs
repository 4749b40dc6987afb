using System.Text.Json.Nodes;

namespace AgentMesh.Deploy;

/// <summary>Every object is one that Kubernetes takes, with no field that it does not know.</summary>
public sealed class ChartSchemaTests
{
    // One run of the schemas for all cases: most of a run is loading them.
    private static readonly Lazy<Task<Dictionary<string, IReadOnlyList<string>>>> All = new(CheckAll);

    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public async Task Objects_keep_to_the_schemas_of_Kubernetes(string name) => Assert.Empty((await All.Value)[name]);

    [Fact]
    public async Task Helm_takes_each_example_that_is_there()
    {
        foreach (var example in Directory.GetFiles(Path.Combine(Repository.Chart, "examples"))) Assert.Empty((await Chart.Render(example: Path.GetFileName(example))).Errors);
    }

    [Theory]
    [InlineData("Deployment", "replicass", "2", "/spec/replicass: unknown field")]
    [InlineData("Deployment", "replicas", "\"two\"", "/spec/replicas: type")]
    [InlineData("ScaledObject", "coolDown", "3", "/spec/coolDown: unknown field")]
    [InlineData("ServiceMonitor", "endpoint", "[]", "/spec/endpoint: unknown field")]
    [InlineData("NetworkPolicy", "podSelector", "[]", "/spec/podSelector: type")]
    public async Task A_planted_mistake_is_found(string kind, string field, string value, string expected)
    {
        var planted = (await ChartCases.Render("gpu-pool")).Of(kind).First();
        planted.Spec[field] = JsonNode.Parse(value);
        Assert.Contains(await Mistakes([planted]), m => m.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_planted_hole_is_found()
    {
        var planted = (await ChartCases.Render("defaults")).Of("Deployment").First();
        planted.Spec.AsObject().Remove("selector");
        Assert.Contains(await Mistakes([planted]), m => m.Contains("required", StringComparison.Ordinal) && m.Contains("selector", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> Mistakes(IReadOnlyList<Manifest> objects) => Assert.Single(await Mistakes([objects]));

    private static async Task<IReadOnlyList<IReadOnlyList<string>>> Mistakes(IReadOnlyList<IReadOnlyList<Manifest>> lists)
    {
        var asked = new JsonArray([.. lists.Select(l => new JsonArray([.. l.Select(o => o.Json.DeepClone())]))]);
        return [.. JsonNode.Parse(await Programs.Check(asked.ToJsonString()))!.AsArray().Select(l => (IReadOnlyList<string>)[.. Chart.Strings(l)])];
    }

    private static async Task<Dictionary<string, IReadOnlyList<string>>> CheckAll()
    {
        string[] names = [.. ChartCases.Names.Select(n => n.Data)];
        var charts = await Task.WhenAll(names.Select(ChartCases.Render));
        return names.Zip(await Mistakes([.. charts.Select(c => c.Objects)])).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
    }
}
