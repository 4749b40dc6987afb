using AgentMesh.Contracts;
using AgentMesh.Doubles;

namespace AgentMesh.Samples;

/// <summary>Without a playbook's name, the goal's text, what is attached and what is wanted decide.</summary>
public sealed class PlanningTests(PostgresServer server)
{
    private const string Mail = "support/emails/dev/01-two-lines-on-statement.eml";

    [Theory]
    [InlineData("Answer this customer and open a ticket", Mail, "", "category entities passages reply ticket")]
    [InlineData("What should we tell them?", Mail, "reply", "category entities passages reply")]
    [InlineData("Classify this mail", Mail, "", "category")]
    [InlineData("Create a Jira issue for this bug report", Mail, "", "category entities issue passages")]
    [InlineData("How did the quarter go?", "earnings/income.csv", "brief", "brief metrics")]
    [InlineData("Write the earnings brief", "earnings/income.csv", "", "brief metrics")]
    [InlineData("Find what the folder says about bilge pumps and tell the user", "", "", "findings notification")]
    [InlineData("Look through the files for the stern bearing", "", "findings", "findings")]
    public async Task The_plan_makes_what_is_asked_for_and_no_more(string text, string attached, string wanted, string made)
    {
        await using var desk = await TicketDesk.Start();
        await using var jira = await JiraDouble.Start();
        await using var mesh = await Mesh.Open(server, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AGENTMESH_TICKETS_URL"] = desk.Url, ["AGENTMESH_FILES_ROOT"] = SampleFiles.Path("files"),
            ["AGENTMESH_JIRA_URL"] = jira.Url.AbsoluteUri, ["AGENTMESH_JIRA_EMAIL"] = "bot@example.com", ["AGENTMESH_JIRA_TOKEN"] = "token", ["AGENTMESH_JIRA_PROJECT"] = "SUP",
        });
        await mesh.AddKnowledge(SampleFiles.Path("support/knowledge"));
        var goal = await mesh.Run(new Goal(text) { Attach = attached.Length == 0 ? [] : [SampleFiles.Path(attached)], Want = wanted.Split(' ', StringSplitOptions.RemoveEmptyEntries) });

        Assert.True(goal.Status == GoalStatus.Completed, goal.Reason);
        Assert.Equal(made, string.Join(' ', goal.Steps.Select(step => step.Produces).Order(StringComparer.Ordinal)));
        Assert.All(goal.Steps, step => Assert.Equal(StepStatus.Completed, step.Status));
        Assert.False(string.IsNullOrWhiteSpace(Assert.Single(goal.Plans).Why.Reason));
        Assert.Equal(made.Contains("ticket", StringComparison.Ordinal) ? 1 : 0, desk.ReadLog().Count);
        Assert.Equal(made.Contains("issue", StringComparison.Ordinal) ? 1 : 0, jira.Issues.Count);
    }
}
