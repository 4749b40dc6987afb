using AgentMesh.Contracts;

namespace AgentMesh.Tools;

public sealed class ToolsOptionsTests
{
    private static ToolsOptions Read(params (string Name, string Value)[] variables)
    {
        var all = variables.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal);
        return ToolsOptions.FromEnvironment(all.GetValueOrDefault, all.Keys);
    }

    private static IEnumerable<string> Names(ToolsOptions options) => BuiltInTools.Create(options, TimeProvider.System).Select(tool => tool.Descriptor.Name);

    [Fact]
    public void Without_configuration_there_are_the_tools_that_need_none() =>
        Assert.Equal(["calc.evaluate", "csv.read", "http.fetch", "notify.send"], Names(Read()));

    [Fact]
    public void Notifications_go_to_the_hosts_folder_unless_told_otherwise()
    {
        Assert.Equal(Path.Combine(".agentmesh", "notifications.jsonl"), Read().Notify!.File);
        Assert.Equal(Path.Combine("/srv/mesh", "notifications.jsonl"), Read(("AGENTMESH_HOME", "/srv/mesh")).Notify!.File);
        Assert.Null(Read(("AGENTMESH_NOTIFY_FILE", "off")).Notify);
    }

    [Fact]
    public void Every_tool_appears_with_its_configuration()
    {
        using var folder = new ScratchFolder();
        var options = Read(
            ("AGENTMESH_FILES_ROOT", folder.Path), ("AGENTMESH_SQL_FINANCE", "Host=localhost;Database=x;Password=hush"), ("AGENTMESH_TICKETS_URL", "http://127.0.0.1:1"),
            ("AGENTMESH_JIRA_URL", "https://x.atlassian.net"), ("AGENTMESH_JIRA_EMAIL", "a@example.com"), ("AGENTMESH_JIRA_TOKEN", "hush"), ("AGENTMESH_JIRA_PROJECT", "SUP"));
        Assert.Equal(
            ["calc.evaluate", "csv.read", "files.list", "files.read", "files.search", "http.fetch", "jira.create_issue", "notify.send", "sql.query", "ticket.create"],
            Names(options));
        Assert.Equal(["finance"], options.Sql!.Connections.Keys);
        Assert.DoesNotContain("hush", options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_bad_values_are_named_at_once()
    {
        var exception = Assert.Throws<ToolsConfigurationException>(() => Read(
            ("AGENTMESH_HTTP_ALLOW", "*"), ("AGENTMESH_FILES_ROOT", "/no/such/folder"), ("AGENTMESH_SQL_X", "nonsense"), ("AGENTMESH_TICKETS_URL", "tickets"),
            ("AGENTMESH_JIRA_URL", "http://jira.example.com"), ("AGENTMESH_JIRA_SAFE_DELAY", "soon"), ("AGENTMESH_NOTIFY_WEBHOOK_IDEMPOTENT", "maybe")));
        Assert.Equal(
            ["AGENTMESH_HTTP_ALLOW", "AGENTMESH_FILES_ROOT", "AGENTMESH_SQL_X", "AGENTMESH_TICKETS_URL", "AGENTMESH_JIRA_EMAIL", "AGENTMESH_JIRA_TOKEN",
                "AGENTMESH_JIRA_PROJECT", "AGENTMESH_JIRA_URL", "AGENTMESH_JIRA_SAFE_DELAY", "AGENTMESH_NOTIFY_WEBHOOK_IDEMPOTENT"],
            exception.Errors.Select(error => error.Split(':')[0]));
    }

    [Fact]
    public async Task Arguments_of_another_shape_are_a_permanent_failure_and_no_crash()
    {
        foreach (var tool in BuiltInTools.Create(Read(), TimeProvider.System))
            foreach (var arguments in new[] { """{"unexpected": {}}""", "[]", "1", "null", """{"expression": 1, "url": 1, "text": 1, "path": 1}""" })
                Assert.Equal(FailureKind.Permanent, (await tool.Fails(arguments)).Kind);
    }
}
