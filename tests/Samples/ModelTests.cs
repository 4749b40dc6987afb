using AgentMesh.Contracts;
using AgentMesh.ScriptedModel;

namespace AgentMesh.Samples;

/// <summary>Goals that a model drives, through the real client, against an endpoint that misbehaves.</summary>
public sealed class ModelTests(PostgresServer server)
{
    private const string Researcher = """
        name: researcher
        purpose: Finds out what the files of a folder say.
        tools: [files.search]
        capabilities:
          - produces: findings
            instruction: Find out who delivers the pumps.
        """;

    private const string Research = """
        name: research
        description: Finds something out and tells it.
        steps:
          - id: look
            role: researcher
            produces: findings
          - id: tell
            role: clerk
            inputs: [look]
            produces: notification
        """;

    private const string Search = """{"query": "bilge pumps"}""";
    private const string Found = """{"query": "pumps", "findings": [], "summary": "Lund Marine delivers them."}""";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_goal_ends_well_whatever_the_endpoint_does(bool native)
    {
        await using var model = ScriptedServer.Start(
            Use(native, "files_serch", Search),
            native ? Reply.ToolCalls(("files_search", """{"query": """)) : Reply.Text("""{"tool": "files.search", "arguments": {"query": """),
            Reply.Error(429, "Slow down.", ("Retry-After", "0")),
            Reply.Raw().Head(200, ("Content-Type", "application/json"), ("Content-Length", "500")).Bytes("""{"id": "c1", "choi"""u8.ToArray()).Cut(),
            Use(native, native ? "files_search" : "files.search", Search),
            Finish(native, """{"answer": 42}""", "look/5"),
            Finish(native, Found, "look/5"));
        await using var mesh = await Open(model, native);
        var goal = await mesh.Run(new Goal("Who delivers the pumps?") { Playbook = "research" });

        Assert.True(goal.Status == GoalStatus.Completed, goal.Reason);
        Assert.Equal("Lund Marine delivers them.", (await mesh.Value(goal, "findings")).Text("summary"));
        Assert.Equal(1, goal.Tiers["scripted"]);

        // Seven requests, two of which got no answer; each answer is one entry, and each tool call was made once.
        var journal = await mesh.Journal(goal.Goal);
        Assert.Equal(7, model.Requests.Count);
        Assert.Equal(5, journal.OfType<ModelCalled>().Select(c => c.Call).Distinct().Count());
        Assert.Equal(5, journal.OfType<ModelCalled>().Count());
        Assert.Equal(["files_serch", "files.search", "notify.send"], journal.OfType<ToolReturned>().Select(c => c.Tool));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(mesh.Home, "notifications.jsonl"), TestContext.Current.CancellationToken));
        Assert.All(model.Requests, request => Assert.Equal(native, request.Json.TryGetProperty("tools", out _)));
    }

    [Fact]
    public async Task A_model_that_never_answers_well_is_planned_around()
    {
        await using var model = ScriptedServer.Start([.. Enumerable.Range(0, 60).Select(_ => Reply.Text("I would rather not."))]);
        await using var mesh = await Open(model, native: false);
        var goal = await mesh.Run(new Goal("Who delivers the pumps?") { Playbook = "research" });

        // The step says why it failed; the next plan gives the work to a role whose rules can do it; the user is told once.
        Assert.True(goal.Status == GoalStatus.Completed, goal.Reason);
        Assert.Contains("holds no JSON object", Assert.Single(goal.Steps, s => s.Status == StepStatus.Failed).Error, StringComparison.Ordinal);
        Assert.Equal(2, goal.Plans.Count);
        Assert.Equal(["retriever", "clerk"], goal.Steps.Where(s => s.Status == StepStatus.Completed).Select(s => s.Role));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(mesh.Home, "notifications.jsonl"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_role_of_the_users_own_is_planned_and_works()
    {
        await using var model = ScriptedServer.Start(Finish(native: false, """{"text": "Dear Sir or Madam, we were charged twice."}""", "in-1"));
        await using var mesh = await Mesh.Open(server, Settings(model, native: false), ("roles/translator.yaml", """
            name: translator
            purpose: Translates emails into English.
            model: large
            capabilities:
              - consumes: [email]
                produces: translation
                instruction: Translate the email into English.
            kinds:
              translation:
                description: An English text.
                words: [translate, translation]
                schema:
                  type: object
                  required: [text]
                  properties: {text: {type: string}}
            """));
        var goal = await mesh.Run(new Goal("Translate this mail") { Attach = [SampleFiles.Path("support/emails/dev/01-two-lines-on-statement.eml")] });

        Assert.True(goal.Status == GoalStatus.Completed, goal.Reason);
        Assert.Equal("Dear Sir or Madam, we were charged twice.", (await mesh.Value(goal, "translation")).Text("text"));
        Assert.Equal("translator", Assert.Single(goal.Steps).Role);
        // What the model was shown of the mail stands between marks and is labelled.
        Assert.Contains("untrusted", Assert.Single(model.Requests).Body, StringComparison.Ordinal);
    }

    private Task<Mesh> Open(ScriptedServer model, bool native) =>
        Mesh.Open(server, Settings(model, native), ("roles/researcher.yaml", Researcher), ("playbooks/research.yaml", Research));

    private static Dictionary<string, string> Settings(ScriptedServer model, bool native) => new(StringComparer.Ordinal)
    {
        ["AGENTMESH_MODEL_URL"] = model.Url.AbsoluteUri, ["AGENTMESH_MODEL"] = "scripted", ["AGENTMESH_MODEL_TOOLS"] = native ? "on" : "off",
        ["AGENTMESH_FILES_ROOT"] = SampleFiles.Path("files"),
    };

    private static Reply Use(bool native, string tool, string arguments) =>
        native ? Reply.ToolCalls((tool, arguments)) : Reply.Text($$"""{"tool": "{{tool}}", "arguments": {{arguments}}}""");

    private static Reply Finish(bool native, string value, string evidence)
    {
        var rest = $"\"confidence\": 0.9, \"reason\": \"it says so\", \"evidence\": [\"{evidence}\"]";
        return native ? Reply.ToolCalls(("finish", $"{{\"value\": {value}, {rest}}}")) : Reply.Text($"{{\"final\": {value}, {rest}}}");
    }
}
