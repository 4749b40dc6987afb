using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentMesh.Deploy;

/// <summary>What the chart says of itself is what it does; these need neither Go nor Node.</summary>
public sealed partial class ChartDocumentsTests
{
    private static string Readme => File.ReadAllText(Path.Combine(Repository.Chart, "README.md"));

    private static JsonNode Schema => JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Chart, "values.schema.json")))!;

    [Fact]
    public void The_schema_closes_every_object_that_it_describes() => Assert.Empty(Open(Schema, "values"));

    [Fact]
    public void The_README_has_a_row_for_each_group_of_values()
    {
        var groups = Schema["properties"]!.AsObject().Select(p => p.Key).Where(k => k != "global").ToList();
        var rows = Row().Matches(Readme).Select(m => m.Groups["value"].Value.Split('.')[0]).Distinct(StringComparer.Ordinal);
        Assert.Equal(groups.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_README_names_only_values_that_exist()
    {
        var rows = Row().Matches(Readme).Select(m => m.Groups["value"].Value).ToList();
        Assert.True(rows.Count > 40);
        Assert.Empty(rows.Where(r => !Exists(r)));
    }

    [Fact]
    public void Dashboards_draw_only_metrics_that_are_documented()
    {
        var documented = Metric().Matches(Readme).Select(m => m.Value).ToHashSet(StringComparer.Ordinal);
        var files = Directory.GetFiles(Path.Combine(Repository.Chart, "dashboards"), "*.json");
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var text = File.ReadAllText(file);
            var panels = JsonNode.Parse(text)!["panels"]!.AsArray();
            Assert.Equal(panels.Count, panels.Select(p => (int)p!["id"]!).Distinct().Count());
            Assert.Empty(Metric().Matches(text).Select(m => m.Value.Replace("_bucket", "", StringComparison.Ordinal)).Except(documented, StringComparer.Ordinal));
        }
    }

    [Fact]
    public void The_README_lists_the_metrics_that_a_silo_writes()
    {
        var written = Written().Matches(File.ReadAllText(Repository.In("src", "Runtime", "Activity", "PrometheusText.cs"))).Select(m => $"agentmesh_{m.Groups["name"].Value}");
        var listed = Readme.Split('\n').Where(l => l.StartsWith("| `agentmesh_", StringComparison.Ordinal)).Select(l => Metric().Match(l).Value);
        Assert.Equal(written.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    private static bool Exists(string path)
    {
        var at = Schema;
        foreach (var part in path.Split('.'))
        {
            if (at["$ref"] is { } reference) at = Schema["definitions"]![((string)reference!).Split('/')[^1]]!;
            if (at["properties"]?[part] is not { } next) return false;
            at = next;
        }
        return true;
    }

    private static IEnumerable<string> Open(JsonNode node, string path) => node switch
    {
        JsonObject o => (o["properties"] is JsonObject && o["type"]?.ToString() == "object" && !JsonNode.DeepEquals(o["additionalProperties"], JsonValue.Create(false)) ? [path] : Enumerable.Empty<string>())
            .Concat(o.Where(p => p.Value is not null).SelectMany(p => Open(p.Value!, $"{path}.{p.Key}"))),
        JsonArray a => a.SelectMany((n, i) => Open(n!, $"{path}[{i}]")),
        _ => [],
    };

    [GeneratedRegex(@"^\| `(?<value>[A-Za-z.]+)`", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Row();

    [GeneratedRegex("(Family|Head)\\(\"(?<name>[a-z_]+)\", \"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Written();

    [GeneratedRegex("agentmesh_[a-z_]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Metric();
}
