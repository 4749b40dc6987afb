using System.Xml.Linq;

namespace AgentMesh.Architecture;

/// <summary>The rules of the house, over project and package references and over the source itself.</summary>
public sealed class HouseTests
{
    private static readonly string Root = FindRoot();

    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Contracts"] = [],
        ["Orchestration"] = ["Contracts"],
        ["Agents"] = ["Contracts", "Orchestration"],
        ["Catalog"] = ["Contracts", "Orchestration", "Agents"],
        ["Runtime"] = ["Contracts", "Orchestration", "Agents"],
        ["Local"] = ["Runtime"],
        ["Gateway"] = ["Runtime"],
        ["Storage"] = ["Runtime"],
        ["Inference"] = ["Agents"],
        ["ModelProbe"] = ["Inference"],
        ["Tools"] = ["Agents"],
        ["Hosting"] = ["Runtime", "Inference", "ModelProbe", "Tools", "Catalog"],
        ["GrainInterfaces"] = ["Contracts"],
        ["Grains"] = ["GrainInterfaces", "Inference", "Runtime"],
        ["Silo"] = ["Gateway", "Grains", "Hosting", "Storage"],
        ["Cli"] = ["Gateway", "Local", "Storage", "Hosting"],
    };

    [Fact]
    public void Every_project_of_src_has_its_place_in_the_house()
    {
        var projects = Directory.GetDirectories(Path.Combine(Root, "src")).Select(p => Path.GetFileName(p)!).Where(p => p != "Dashboard").Order(StringComparer.Ordinal);
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), projects);
    }

    [Fact]
    public void Projects_reference_only_what_the_house_allows()
    {
        foreach (var (project, allowed) in Allowed) Assert.Empty(References(project).Except(allowed, StringComparer.Ordinal).Select(r => $"{project} → {r}"));
    }

    [Fact]
    public void Contracts_and_orchestration_take_no_packages()
    {
        Assert.Empty(Packages("Contracts"));
        Assert.Equal(["Microsoft.CodeAnalysis.BannedApiAnalyzers"], Packages("Orchestration"));
    }

    [Theory]
    [InlineData("Npgsql", "Storage", "Tools")]
    [InlineData("YamlDotNet", "Catalog")]
    [InlineData("Spectre.Console", "Cli")]
    [InlineData("OpenTelemetry.Exporter.OpenTelemetryProtocol", "Hosting")]
    [InlineData("System.CommandLine", "Cli")]
    public void A_package_stays_in_its_projects(string package, params string[] homes)
    {
        var users = Allowed.Keys.Where(p => Packages(p).Contains(package, StringComparer.Ordinal)).ToList();
        Assert.NotEmpty(users);
        Assert.Empty(users.Except(homes, StringComparer.Ordinal));
    }

    [Fact]
    public void Npgsql_is_used_only_in_storage_and_the_sql_tool() =>
        // Between quotes it is the name of a log category.
        Assert.Empty(Sources("src").Where(f => f.Text.Replace("\"Npgsql\"", "", StringComparison.Ordinal).Contains("Npgsql", StringComparison.Ordinal))
            .Select(f => f.Path).Where(p => !p.StartsWith("src/Storage/", StringComparison.Ordinal) && !p.StartsWith("src/Tools/Sql/", StringComparison.Ordinal) && p != "src/Tools/ToolsOptions.cs"));

    /// <summary>They are left out of the local filter: what is in it builds where Orleans cannot be restored.</summary>
    private static readonly string[] OrleansProjects =
        ["bench/ClusterBench", "samples/DirectCall", "src/GrainInterfaces", "src/Grains", "src/Silo", "tests/Cluster", "tests/ClusterHost"];

    [Fact]
    public void Orleans_stays_in_its_projects() =>
        Assert.Equal(
            OrleansProjects.Order(StringComparer.Ordinal),
            Projects().Where(p => File.ReadAllText(Path.Combine(Root, p)).Contains("\"Microsoft.Orleans.", StringComparison.Ordinal)).Select(p => p[..p.LastIndexOf('/')]).Order(StringComparer.Ordinal));

    [Fact]
    public void Native_calls_stay_under_llamacpp() =>
        Assert.Empty(Sources("src").Where(f => f.Text.Contains("LibraryImport(", StringComparison.Ordinal) || f.Text.Contains("DllImport(", StringComparison.Ordinal))
            .Select(f => f.Path).Where(p => !p.StartsWith("src/Inference/LlamaCpp/", StringComparison.Ordinal)));

    [Fact]
    public void Time_comes_from_the_time_provider()
    {
        string[] clocks = ["DateTime.Now", "DateTime.UtcNow", "DateTimeOffset.Now", "DateTimeOffset.UtcNow", "Thread.Sleep", "Environment.TickCount"];
        Assert.Empty(Sources("src").SelectMany(f => clocks.Where(c => f.Text.Contains(c, StringComparison.Ordinal)).Select(c => $"{f.Path}: {c}")));
    }

    [Fact]
    public void Ids_and_randomness_come_from_ports()
    {
        string[] dice = ["Guid.NewGuid(", "Random.Shared", "new Random("];
        // Where a composition picks the default for the port.
        string[] compositions = ["src/Inference/ModelChain.cs", "src/Inference/InProcess/LlamaEngine.cs", "src/Grains/ClusterHosting.cs"];
        Assert.Empty(Sources("src").Where(f => !compositions.Contains(f.Path, StringComparer.Ordinal)).SelectMany(f => dice.Where(d => f.Text.Contains(d, StringComparison.Ordinal)).Select(d => $"{f.Path}: {d}")));
    }

    [Fact]
    public void Files_stay_readable() =>
        Assert.Empty(Sources("src", "tests", "samples", "bench").Select(f => (f.Path, Lines: f.Text.AsSpan().Count('\n'))).Where(f => f.Lines > 400).Select(f => $"{f.Path}: {f.Lines} lines"));

    [Fact]
    public void Suppressions_say_why() =>
        Assert.Empty(Sources("src").SelectMany(f => f.Text.Split('\n').Where(l => l.Contains("#pragma warning disable", StringComparison.Ordinal) && !l.Contains("//", StringComparison.Ordinal))
            .Select(l => $"{f.Path}: {l.Trim()}")));

    [Fact]
    public void Every_project_is_in_the_solution_and_in_its_local_filter()
    {
        var projects = Projects();
        var solution = File.ReadAllText(Path.Combine(Root, "AgentMesh.sln")).Replace('\\', '/');
        var filter = File.ReadAllText(Path.Combine(Root, "AgentMesh.Local.slnf"));
        Assert.Empty(projects.Where(p => !solution.Contains($"\"{p}\"", StringComparison.Ordinal)));
        Assert.Equal(
            OrleansProjects.Order(StringComparer.Ordinal),
            projects.Where(p => !filter.Contains($"\"{p}\"", StringComparison.Ordinal)).Select(p => p[..p.LastIndexOf('/')]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Package_lock_files_hold_no_addresses()
    {
        var locks = new[] { Root, Path.Combine(Root, "bench", "baselines"), Path.Combine(Root, "tests", "Deploy", "schemas"), Path.Combine(Root, "tests", "Protocols") }.Select(d => Path.Combine(d, "package-lock.json")).Where(File.Exists).ToList();
        Assert.NotEmpty(locks);
        Assert.Empty(locks.Where(l => File.ReadAllText(l).Contains("\"resolved\"", StringComparison.Ordinal)));
    }

    private static List<string> Projects() =>
        [.. new[] { "src", "tests", "samples", "bench" }.SelectMany(d => Directory.GetFiles(Path.Combine(Root, d), "*.csproj", SearchOption.AllDirectories))
            .Select(p => Path.GetRelativePath(Root, p).Replace('\\', '/'))];

    private static IEnumerable<string> References(string project) =>
        Xml(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));

    private static List<string> Packages(string project) =>
        [.. Xml(project).Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value)];

    private static XDocument Xml(string project) => XDocument.Load(Path.Combine(Root, "src", project, $"{project}.csproj"));

    private static IEnumerable<(string Path, string Text)> Sources(params string[] folders) => folders
        .SelectMany(d => Directory.EnumerateFiles(Path.Combine(Root, d), "*.cs", SearchOption.AllDirectories))
        .Select(p => Path.GetRelativePath(Root, p).Replace('\\', '/'))
        .Where(p => !p.Contains("/bin/", StringComparison.Ordinal) && !p.Contains("/obj/", StringComparison.Ordinal))
        .Select(p => (p, File.ReadAllText(Path.Combine(Root, p))));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AgentMesh.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside a checkout.");
    }
}
