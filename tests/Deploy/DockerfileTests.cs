using System.Xml.Linq;

namespace AgentMesh.Deploy;

/// <summary>The image's recipe, read without an engine.</summary>
public sealed class DockerfileTests
{
    private static readonly List<string[]> Instructions = [.. File.ReadAllLines(Repository.In("deploy", "docker", "Dockerfile"))
        .Where(l => l.Length > 0 && !l.StartsWith('#')).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    private static readonly Dictionary<string, List<string[]>> Stages = ByStage();

    [Fact]
    public void Every_source_of_a_copy_exists_and_reaches_the_build()
    {
        var kept = File.ReadAllLines(Repository.In("deploy", "docker", "Dockerfile.dockerignore")).Where(l => l.StartsWith('!')).Select(l => l[1..]).ToList();
        var sources = Copies(Instructions).Where(c => !c[1].StartsWith("--from=", StringComparison.Ordinal)).SelectMany(c => c[1..^1]).Select(s => s.TrimEnd('/')).Distinct(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(sources);
        Assert.Empty(sources.Where(s => !Path.Exists(Repository.In(s))));
        var whole = sources.Where(s => !kept.Any(k => s.StartsWith(k + '/', StringComparison.Ordinal)));
        Assert.Equal(whole.Order(StringComparer.Ordinal), kept.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_stage_that_is_named_exists_before_it_is_used()
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in Instructions)
        {
            if (line[0] == "FROM")
            {
                var image = line.First(w => w != "FROM" && !w.StartsWith("--", StringComparison.Ordinal));
                // Node builds the dashboard and fetches libraries; nothing of it runs.
                var isBase = image.StartsWith("mcr.microsoft.com/dotnet/", StringComparison.Ordinal) || (image.StartsWith("node:", StringComparison.Ordinal) && line[^1] is "dashboard" or "llama");
                Assert.True(known.Contains(image) || isBase, image);
                known.Add(line[^1]);
            }
            else if (line.Length > 1 && line[1].StartsWith("--from=", StringComparison.Ordinal))
            {
                Assert.Contains(line[1]["--from=".Length..], known);
            }
        }
    }

    [Fact]
    public void The_restore_is_cached_by_what_it_reads_alone()
    {
        var restored = Stages.Where(s => s.Value.Any(l => l.Contains("restore"))).ToList();
        Assert.Equal(["publish-cli", "publish-silo"], restored.Select(s => s.Key).Order(StringComparer.Ordinal));
        foreach (var (_, lines) in restored)
        {
            // The code comes after the restore; the project files, which a stage of their own sifts out, before it.
            Assert.True(lines.FindIndex(l => l.Contains("restore")) < lines.FindIndex(l => l[0] == "COPY"));
            Assert.Contains(lines, l => l.Contains("publish") && l.Contains("--no-restore"));
        }
        Assert.Contains(Stages["source"], l => l[0] == "COPY" && l[1] == "--from=projects");
        string[] read = ["global.json", "Directory.Build.props", "Directory.Packages.props"];
        Assert.Empty(read.Except(Copies(Stages["source"]).SelectMany(c => c), StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Silo")]
    [InlineData("Cli")]
    public void Every_project_that_a_host_references_is_in_the_restore(string host)
    {
        Assert.Contains(Instructions, l => l.Contains("restore") && l.Contains($"src/{host}/{host}.csproj"));
        // The stage `projects` keeps src/**/*.csproj and what they import; a reference out of src would be lost.
        Assert.Equal(["src/", "src/"], Copies(Stages["projects"]).Single()[1..]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>([Repository.In("src", host, $"{host}.csproj")]);
        while (open.TryDequeue(out var project))
        {
            if (!seen.Add(project)) continue;
            Assert.True(File.Exists(project), project);
            Assert.StartsWith(Repository.In("src") + Path.DirectorySeparatorChar, project, StringComparison.Ordinal);
            foreach (var reference in XDocument.Load(project).Descendants("ProjectReference"))
                open.Enqueue(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value.Replace('\\', '/'))));
        }
        Assert.True(seen.Count > 5);
    }

    [Fact]
    public void What_runs_is_small_and_has_no_privileges()
    {
        foreach (var target in new[] { "silo", "cli" })
        {
            var lines = Stages[target];
            Assert.Equal("base", lines[0][1]);
            Assert.DoesNotContain(lines, l => l[0] == "RUN");
            Assert.Contains(lines, l => l[0] == "ENTRYPOINT" && l[1].StartsWith("[\"/app/AgentMesh.", StringComparison.Ordinal));
        }
        var parts = Stages["base"];
        Assert.EndsWith("-noble-chiseled", parts[0][1], StringComparison.Ordinal);
        Assert.Contains(parts, l => l is ["USER", "$APP_UID"]);
        Assert.Equal("silo", Stages.Keys.Last());
    }

    [Fact]
    public void What_runs_finds_the_libraries_that_it_is_given()
    {
        var parts = Stages["base"];
        Assert.Contains(parts, l => l is ["COPY", "--from=llama", "/llama", "./llama/"]);
        Assert.Contains(parts, l => l[0] == "ENV" && l.Contains("AGENTMESH_LLAMA=/app/llama"));
        Assert.Contains(parts, l => l is ["WORKDIR", "/app"]);
        Assert.Equal(["package.json", "package-lock.json", ".npmrc"], Copies(Stages["llama"]).Single()[1..^1]);
    }

    private static IEnumerable<string[]> Copies(IEnumerable<string[]> lines) => lines.Where(l => l[0] == "COPY");

    private static Dictionary<string, List<string[]>> ByStage()
    {
        var stages = new Dictionary<string, List<string[]>>(StringComparer.Ordinal);
        List<string[]>? stage = null;
        foreach (var line in Instructions)
        {
            if (line[0] == "FROM") stages[line[^1]] = stage = [];
            stage?.Add(line);
        }
        return stages;
    }
}
