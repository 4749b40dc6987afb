using System.Text.Json.Nodes;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using FsCheck;
using FsCheck.Fluent;

namespace AgentMesh.Tools.Jira;

public sealed class JiraCreateIssueToolTests
{
    private const string Arguments = """{"title": "Login fails", "body": "# Report\n\nSee **this** `code` at https://example.com/x.\n\n- one\n- two\n\n```json\n{}\n```", "urgency": "critical"}""";

    private static JiraCreateIssueTool Tool(JiraDouble jira, TimeProvider? time = null, string token = "token", string project = "SUP", int safeSeconds = 30) =>
        new(new(jira.Url, "bot@example.com", token, project, SafeDelay: TimeSpan.FromSeconds(safeSeconds)), time ?? TimeProvider.System);

    [Fact]
    public async Task An_issue_is_created_with_what_jira_wants()
    {
        await using var jira = await JiraDouble.Start();
        var result = await Tool(jira).Run(Arguments);
        Assert.Equal($$"""{"key":"SUP-1","url":"{{jira.Url}}browse/SUP-1","id":"10001"}""", result.GetRawText());
        var fields = Assert.Single(jira.Issues).Fields;
        Assert.Equal("Highest", fields["priority"]!["name"]!.GetValue<string>());
        Assert.Equal(JiraCreateIssueTool.Label("g-1/step/1"), fields["labels"]![0]!.GetValue<string>());
        Assert.Equal(["heading", "paragraph", "bulletList", "codeBlock"], fields["description"]!["content"]!.AsArray().Select(node => node!["type"]!.GetValue<string>()));
        Assert.Equal(ToolEffect.Once, Tool(jira).Descriptor.Effect);
    }

    [Theory]
    [InlineData("two\\nlines", "two lines")]
    [InlineData("  a\\ttab  ", "a tab")]
    public async Task A_title_becomes_one_line(string title, string expected)
    {
        await using var jira = await JiraDouble.Start();
        await Tool(jira).Run($$"""{"title": "{{title}}", "body": "x", "labels": ["needs care"]}""");
        Assert.Equal(expected, jira.Issues[0].Fields["summary"]!.GetValue<string>());
        Assert.Equal("needs-care", jira.Issues[0].Fields["labels"]![1]!.GetValue<string>());
    }

    [Fact]
    public async Task A_long_title_and_a_long_body_are_cut()
    {
        await using var jira = await JiraDouble.Start();
        await Tool(jira).Run($$"""{"title": "{{new string('x', 900)}}", "body": "{{new string('y', 90_000)}}"}""");
        Assert.Equal(255, jira.Issues[0].Fields["summary"]!.GetValue<string>().Length);
        Assert.Contains("is cut here", jira.Issues[0].Fields["description"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_come_back_with_jiras_reason()
    {
        await using var jira = await JiraDouble.Start();
        var project = await Tool(jira, project: "NOPE").Fails(Arguments);
        Assert.Equal(FailureKind.Permanent, project.Kind);
        Assert.Contains("valid project is required", project.Message, StringComparison.Ordinal);
        var login = await Tool(jira, token: "wrong").Fails(Arguments);
        Assert.Equal(FailureKind.Permanent, login.Kind);
        Assert.Contains("AGENTMESH_JIRA_TOKEN", login.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", login.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rate_limit_is_waited_out()
    {
        await using var jira = await JiraDouble.Start();
        jira.Trouble.Enqueue(429);
        var time = new ManualTime();
        var call = Tool(jira, time).Run(Arguments);
        await time.Waits(TimeSpan.FromSeconds(3));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("SUP-1", (await call).Text("key"));
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(503, true)]
    public async Task A_failure_of_jira_leaves_the_issue_possible(int status, bool effectPossible)
    {
        await using var jira = await JiraDouble.Start();
        jira.Trouble.Enqueue(status);
        var exception = await Tool(jira).Fails(Arguments);
        Assert.Equal(FailureKind.Transient, exception.Kind);
        Assert.Equal(effectPossible, exception.EffectPossible);
    }

    [Fact]
    public async Task An_issue_whose_answer_was_lost_is_found_though_the_index_lags()
    {
        await using var jira = await JiraDouble.Start();
        jira.Trouble.Enqueue(0);
        var time = new ManualTime();
        var tool = Tool(jira, time);
        Assert.True((await tool.Fails(Arguments)).EffectPossible);
        jira.IndexLag = 1;
        var probe = tool.Reconcile(Calls.Of(Arguments), TestContext.Current.CancellationToken);
        await time.Waits(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        var happened = Assert.IsType<Reconciliation.Happened>(await probe);
        Assert.Equal("SUP-1", happened.Result.Value.Text("key"));
        Assert.Equal(2, jira.Searches);
    }

    [Fact]
    public async Task No_issue_is_only_believed_after_the_safe_delay()
    {
        await using var jira = await JiraDouble.Start();
        var time = new ManualTime();
        var probe = Tool(jira, time, safeSeconds: 20).Reconcile(Calls.Of(Arguments), TestContext.Current.CancellationToken);
        for (var i = 0; i < 2; i++)
        {
            await time.Waits(TimeSpan.FromSeconds(10));
            Assert.False(probe.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.IsType<Reconciliation.DidNotHappen>(await probe);
        Assert.Equal(3, jira.Searches);
        Assert.IsType<Reconciliation.CannotTell>(await Tool(jira, safeSeconds: 0).Reconcile(Calls.Of(Arguments), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Any_text_becomes_a_document_that_jira_accepts()
    {
        var pieces = Gen.Elements(
            "# ", "## head\n", "- ", "- item\n", "1. ", "2) x\n", "```", "```js\n", "\n", "\n\n", "`", "`c`", "**", "**b**", "[", "](", ")", "[a](https://e.com)", "[a](javascript:x)",
            "https://e.com/x).", "> ", ">", " ", "  cont\n", "\t", "\0", "\u0007", "text", "é😀", "*", "#######", "\r\n");
        Prop.ForAll(Gen.ArrayOf(pieces).ToArbitrary(), all =>
        {
            var document = AdfDocument.From(string.Concat(all));
            Assert.Null(JiraDouble.AdfProblem(JsonNode.Parse(document.ToJsonString())!, null));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000).WithEndSize(40));
    }
}
