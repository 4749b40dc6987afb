using AgentMesh.Contracts;
using AgentMesh.ScriptedModel;

namespace AgentMesh.Samples;

/// <summary>Sample 4: finding and telling, and tools that a step cannot get at.</summary>
public sealed class FileSearchTests(PostgresServer server)
{
    [Theory]
    [InlineData("What clearance of the stern bearing did the surveyor measure, and is it within the limit?", "reports/hull-survey.md", "2.9 mm")]
    [InlineData("Who delivers the new bilge pumps, and when?", "notes/minutes-2026-03-18.md", "Lund Marine")]
    public async Task What_the_folder_says_is_found_and_told(string question, string file, string answer)
    {
        await using var mesh = await Open();
        var goal = await mesh.Run(new Goal($"{question} Search the files and notify me."));
        Assert.Equal(GoalStatus.Completed, goal.Status);

        var findings = (await mesh.Value(goal, "findings")).Items("findings");
        Assert.Contains(findings, f => f.Text("file") == file && f.Text("quote")!.Contains(answer, StringComparison.Ordinal));
        Assert.All(findings, finding =>
        {
            var text = File.ReadAllText(SampleFiles.Path($"files/{finding.Text("file")}"));
            Assert.Equal(text[finding.Whole("start")..finding.Whole("end")], finding.Text("quote"));
            Assert.Equal(text.AsSpan(0, finding.Whole("start")).Count('\n') + 1, finding.Whole("line"));
        });

        // The second step waits for the first and tells what it found, once.
        var plan = Assert.Single(goal.Plans);
        Assert.Equal([goal.Artifacts.Single(a => a.Kind == "findings").Id], plan.Steps[1].Inputs);
        var sent = MeshJson.Parse(Assert.Single(await File.ReadAllLinesAsync(Path.Combine(mesh.Home, "notifications.jsonl"), TestContext.Current.CancellationToken)));
        Assert.Contains(answer, sent.Text("text")!, StringComparison.Ordinal);
        Assert.Contains(file, sent.Text("text")!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_cannot_use_a_tool_that_mesh_goal_role_or_step_does_not_give_it()
    {
        await using var model = ScriptedServer.Start(
            Reply.Text("""{"tool": "shell.run", "arguments": {"command": "ls"}}"""),
            Reply.Text("""{"tool": "files.search", "arguments": {"query": "pumps"}}"""),
            Reply.Text("""{"tool": "notify.send", "arguments": {"text": "hello"}}"""),
            Reply.Text("""{"tool": "files.read", "arguments": {"path": "glossary.md"}}"""),
            Reply.Text("""{"tool": "files.list", "arguments": {}}"""),
            Reply.Text("""{"final": {"query": "pumps", "findings": [], "summary": "Only names of files could be seen."}, "confidence": 0.9, "reason": "listed", "evidence": ["look/10"]}"""));
        await using var mesh = await Open(
            new() { ["AGENTMESH_MODEL_URL"] = model.Url.AbsoluteUri, ["AGENTMESH_MODEL"] = "scripted", ["AGENTMESH_MODEL_TOOLS"] = "off" },
            ("roles/scout.yaml", """
                name: scout
                purpose: Looks into folders.
                tools: [files.list, files.read, files.search]
                capabilities:
                  - produces: findings
                    instruction: Look around.
                """),
            ("playbooks/scouting.yaml", """
                name: scouting
                description: Looks around.
                steps:
                  - id: look
                    role: scout
                    produces: findings
                    tools: [files.list]
                """));
        var goal = await mesh.Run(new Goal("Look around")
        {
            Playbook = "scouting", Constraints = new() { Tools = ["files.list", "files.read", "notify.send"] },
        });

        Assert.True(goal.Status == GoalStatus.Completed, goal.Reason);
        var calls = (await mesh.Journal(goal.Goal)).OfType<ToolReturned>().ToList();
        Assert.Equal(["shell.run", "files.search", "notify.send", "files.read", "files.list"], calls.Select(c => c.Tool));
        Assert.StartsWith("This mesh has no tool shell.run.", calls[0].Error, StringComparison.Ordinal);
        Assert.Equal("The goal does not allow the tool files.search.", calls[1].Error);
        Assert.Equal("The role scout does not have the tool notify.send.", calls[2].Error);
        Assert.Equal("The step look may not use the tool files.read.", calls[3].Error);
        Assert.NotNull(calls[4].Result);
        Assert.False(File.Exists(Path.Combine(mesh.Home, "notifications.jsonl")));
    }

    [Fact]
    public async Task Orders_in_a_file_are_found_as_text_and_not_followed()
    {
        await using var mesh = await Open();
        var goal = await mesh.Run(new Goal("What does the broker write about Quick Pumps? Search the files and notify me."));
        Assert.Equal(GoalStatus.Completed, goal.Status);
        Assert.Equal(["notify.send"], (await mesh.Journal(goal.Goal)).OfType<ToolClaimed>().Select(c => c.Tool));
    }

    private Task<Mesh> Open(Dictionary<string, string>? settings = null, params (string, string)[] files)
    {
        settings ??= [];
        settings["AGENTMESH_FILES_ROOT"] = SampleFiles.Path("files");
        return Mesh.Open(server, settings, files);
    }
}
