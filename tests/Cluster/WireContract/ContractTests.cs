namespace AgentMesh.Cluster.WireContract;

/// <summary>The checked-in description holds the wire still; see <c>make wire</c>.</summary>
public sealed class ContractTests
{
    private const string Heading = "# What silos and clients of AgentMesh say to each other. Made by `make wire`; a test refuses what would break it.";

    private static IEnumerable<Type> Types => WireDescription.Assemblies.SelectMany(a => a.GetTypes()).Where(t => t.Namespace?.StartsWith("AgentMesh.", StringComparison.Ordinal) == true);

    [Fact]
    public void The_wire_is_as_it_is_described()
    {
        var file = Path.Combine(Root(), "src", "GrainInterfaces", "wire.txt");
        var now = WireDescription.Lines(Types);
        var change = WireChange.Between(File.Exists(file) ? File.ReadAllLines(file) : [], now);
        var wish = Environment.GetEnvironmentVariable("AGENTMESH_WIRE");
        if (wish == "break" || (wish == "write" && change.Broken.Count == 0)) File.WriteAllText(file, $"{Heading}\n{string.Join('\n', now)}\n");
        else Assert.True(change.Advice is null, change.Advice);
    }

    [Fact]
    public void Everything_on_the_wire_is_named_explicitly() => Assert.Empty(WireDescription.Unnamed(Types));

    [Fact]
    public void What_goes_by_its_source_name_is_found()
    {
        var found = WireDescription.Unnamed([typeof(INameless), typeof(Nameless)]).ToList();
        Assert.Equal(
            ["INameless has no [Alias]", "INameless.Call has no [Alias]", "Nameless has no [Alias]", "Nameless.Forgotten has no [Id]"], found);
    }

    [Theory]
    [InlineData("interface agentmesh.classifier = ")]
    [InlineData("method agentmesh.agent/run = (agentmesh.agent-request, agentmesh.agent-observer, System.Threading.CancellationToken)")]
    [InlineData("member agentmesh.classify-request/2 = System.TimeSpan")]
    [InlineData("method agentmesh.goal/deliver = ")]
    [InlineData("json AgentMesh.Contracts.GoalSpec/text = System.String, required")]
    [InlineData("json AgentMesh.Contracts.GoalEvent = one of, by type")]
    [InlineData("json AgentMesh.Contracts.Trust/Untrusted = value")]
    public void The_description_says_what_matters(string line) => Assert.Contains(WireDescription.Lines(Types), l => l.StartsWith(line, StringComparison.Ordinal));

    [Theory]
    [InlineData("interface ")]
    [InlineData("method ")]
    [InlineData("type ")]
    [InlineData("member ")]
    [InlineData("json ")]
    public void Whatever_is_taken_back_or_changed_breaks(string kind)
    {
        var now = WireDescription.Lines(Types);
        foreach (var line in now.Where(l => l.StartsWith(kind, StringComparison.Ordinal)))
        {
            Assert.Single(WireChange.Between(now, now.Where(l => l != line)).Broken);
            Assert.Single(WireChange.Between(now, now.Select(l => l == line ? $"{l} otherwise" : l)).Broken);
        }
    }

    [Fact]
    public void A_renamed_alias_is_one_loss_and_one_addition()
    {
        var change = WireChange.Between(["method a/run = () x"], ["method a/go = () x"]);
        Assert.Equal(["gone: method a/run = () x"], change.Broken);
        Assert.Equal(["method a/go = () x"], change.Added);
        Assert.Contains("Keep what was there", change.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Additions_pass_once_they_are_written_down()
    {
        string[] before = ["json A = object"], after = [.. before, "json A/more = System.String", "json B = object", "json B/must = System.String, required"];
        var change = WireChange.Between(before, after);
        Assert.Empty(change.Broken);
        Assert.Contains("make wire", change.Advice, StringComparison.Ordinal);
        Assert.Null(WireChange.Between(after, after).Advice);
    }

    [Fact]
    public void A_new_required_property_of_an_old_type_breaks() =>
        Assert.Single(WireChange.Between(["json A = object"], ["json A = object", "json A/must = System.String, required"]).Broken);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AgentMesh.sln"))) folder = folder.Parent;
        return folder!.FullName;
    }
}

#pragma warning disable ORLEANS0010, ORLEANS0004 // Without names on purpose: the specimens of what must be found.
internal interface INameless : IGrainWithStringKey
{
    Task Call();
}

[GenerateSerializer]
internal sealed class Nameless
{
    public string? Forgotten { get; set; }

    [Id(0)]
    public string? Kept { get; set; }
}
#pragma warning restore ORLEANS0010, ORLEANS0004
