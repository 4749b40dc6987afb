using AgentMesh.Contracts;
using AgentMesh.Doubles;

namespace AgentMesh.Samples;

/// <summary>Sample 2, against a double that refuses what Jira Cloud refuses.</summary>
public sealed class JiraTests(PostgresServer server)
{
    private static readonly Dictionary<string, string> Priorities = new(StringComparer.Ordinal)
    {
        ["low"] = "Low", ["normal"] = "Medium", ["high"] = "High", ["critical"] = "Highest",
    };

    [Theory]
    [InlineData("dev/01-two-lines-on-statement.eml")]
    [InlineData("dev/02-nightly-export-504.eml")]
    [InlineData("dev/08-everything-down.eml")]
    [InlineData("dev/14-card-expired.eml")]
    public async Task A_mail_becomes_an_issue_with_its_priority(string mail)
    {
        await using var jira = await JiraDouble.Start();
        await using var mesh = await Open(jira);
        var goal = await mesh.Run(Triage(mail));

        Assert.Equal(GoalStatus.Completed, goal.Status);
        var issue = Assert.Single(jira.Issues);
        var entities = await mesh.Value(goal, "entities");
        Assert.Equal(Priorities[entities.Text("urgency")!], issue.Fields["priority"]!["name"]!.GetValue<string>());
        Assert.Equal("doc", issue.Fields["description"]!["type"]!.GetValue<string>());
        var description = issue.Fields["description"]!.ToJsonString();
        if (entities.Text("accountId") is { } account) Assert.Contains(account, description, StringComparison.Ordinal);

        var value = await mesh.Value(goal, "issue");
        Assert.Equal($"{jira.Url}browse/{issue.Key}", value.Text("url"));
        Assert.Contains(goal.Artifacts.Single(a => a.Kind == "issue").Id, goal.Result);
    }

    [Fact]
    public async Task A_lost_answer_is_looked_up_by_its_label_and_not_asked_for_again()
    {
        await using var jira = await JiraDouble.Start();
        jira.Trouble.Enqueue(0);
        await using var mesh = await Open(jira);
        var goal = await mesh.Run(Triage("dev/01-two-lines-on-statement.eml"));

        Assert.Equal(GoalStatus.Completed, goal.Status);
        var issue = Assert.Single(jira.Issues);
        Assert.True(jira.Searches >= 1);
        Assert.Equal(issue.Key, (await mesh.Value(goal, "issue")).Text("key"));
        Assert.True(Assert.Single((await mesh.Journal(goal.Goal)).OfType<ToolReturned>(), r => r.Tool == "jira.create_issue").Reconciled);
    }

    private Task<Mesh> Open(JiraDouble jira) => Mesh.Open(server, new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AGENTMESH_JIRA_URL"] = jira.Url.AbsoluteUri, ["AGENTMESH_JIRA_EMAIL"] = "bot@example.com", ["AGENTMESH_JIRA_TOKEN"] = "token", ["AGENTMESH_JIRA_PROJECT"] = "SUP",
    });

    private static Goal Triage(string mail) => new("Triage this into Jira") { Attach = [SampleFiles.Path($"support/emails/{mail}")], Playbook = "jira-triage" };
}
