using System.Text;

namespace AgentMesh.Cli.Tests;

/// <summary>What cannot work is one line on stderr and the documented exit code; stdout stays empty, and no goal is made.</summary>
public sealed class BadInputTests(Server server)
{
    [Theory]
    [InlineData("nonsense", "'nonsense'")]
    [InlineData("run", "run")]
    [InlineData("run x --approve maybe", "maybe")]
    [InlineData("run x -o yaml", "yaml")]
    [InlineData("run x --budget-calls many", "many")]
    [InlineData("run x --budget-calls -1", "--budget-calls -1")]
    [InlineData("run x --budget-tokens -5", "--budget-tokens -5")]
    [InlineData("run x --timeout soon", "Write 90s, 5m or 2h")]
    [InlineData("run x --timeout 0s", "--timeout 0s")]
    [InlineData("run x --attach /no/such/file.eml", "no file /no/such/file.eml")]
    [InlineData("run x --knowledge /no/such/folder", "no folder /no/such/folder")]
    [InlineData("goal reject last", "--reason")]
    [InlineData("goal edit last", "--arguments")]
    [InlineData("goal list --status Resting", "Resting")]
    [InlineData("completion tcsh", "tcsh")]
    [InlineData("playbook validate /no/such.yaml", "no file /no/such.yaml")]
    public async Task A_wrong_command_line_costs_one_line_and_exit_code_2(string line, string says)
    {
        await using var shell = await Shell.Open();
        await Refused(shell, says, line.Split(' '));
    }

    [Fact]
    public async Task Attachments_that_cannot_be_read_are_named()
    {
        await using var shell = await Shell.Open(server);
        var binary = shell.At("photo.eml");
        await File.WriteAllBytesAsync(binary, [0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3, 0, 0, 0, 255, 254, 0, 7], TestContext.Current.CancellationToken);
        var huge = shell.At("huge.eml");
        await using (var file = File.Create(huge)) file.SetLength(50L * 1024 * 1024);

        await Refused(shell, "photo.eml", "run", "Answer it", "--attach", binary);
        await Refused(shell, "empty.eml", "run", "Answer it", "--attach", shell.Write("empty.eml", ""));
        await Refused(shell, "is a folder", "run", "Answer it", "--attach", shell.Folder);
        await Refused(shell, "50.0 MiB; the limit is 25 MiB", "run", "Answer it", "--attach", huge);
        await Refused(shell, "note.txt is no table", "run", "Write the brief", "--data", shell.Write("note.txt", "no figures here"));
        await Refused(shell, "no text", "run", " ");
        Assert.Empty((await shell.Run("goal", "list", "-o", "json")).Json.EnumerateArray());
    }

    [Fact]
    public async Task Names_that_the_catalogue_does_not_know_are_refused_with_those_that_it_knows()
    {
        await using var shell = await Shell.Open(server);
        await Refused(shell, "There is no artifact kind poem. There are:", "run", "Write one", "--want", "poem");
        await Refused(shell, "There is no playbook karaoke. There are:", "run", "Sing", "--playbook", "karaoke");
        Assert.Empty((await shell.Run("goal", "list", "-o", "json")).Json.EnumerateArray());
    }

    [Theory]
    [InlineData("role", "nobody", "role")]
    [InlineData("tool", "rocket.launch", "tool")]
    [InlineData("cycle", "first → second → first", "wait for each other")]
    public async Task A_bad_playbook_is_refused_with_line_and_reason(string fault, string names, string says)
    {
        await using var shell = await Shell.Open();
        var file = shell.Write("home/playbooks/bad.yaml", Playbook(fault));
        var checkedFile = await shell.Run("playbook", "validate", file);
        Assert.Equal(2, checkedFile.Code);
        Assert.Matches(@"bad\.yaml:\d+:\d+: error: ", checkedFile.Err);
        Assert.Contains(names, checkedFile.Err, StringComparison.Ordinal);
        Assert.Contains(says, checkedFile.Err, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(2, (await shell.Run("playbook", "validate", file, "-o", "json")).Code);

        shell.Environment["AGENTMESH_POSTGRES"] = await server.NewSchema();
        await Refused(shell, "bad.yaml", "run", "Do it", "--playbook", "bad");
    }

    [Theory]
    [InlineData("AGENTMESH_TICKETS_URL", "not a url")]
    [InlineData("AGENTMESH_MODEL_URL", "not a url")]
    [InlineData("AGENTMESH_LOG", "loudly")]
    [InlineData("AGENTMESH_JOURNAL_PATIENCE", "long")]
    [InlineData("AGENTMESH_APPROVED_TOOLS", "rocket.launch")]
    [InlineData("AGENTMESH_PRICE_INPUT", "cheap")]
    public async Task A_wrong_setting_is_named_and_ends_with_exit_code_2(string variable, string value)
    {
        await using var shell = await Shell.Open(server);
        shell.Environment["AGENTMESH_MODEL"] = variable == "AGENTMESH_MODEL_URL" ? "any" : "";
        shell.Environment[variable] = value;
        await Refused(shell, variable, "run", "Answer it", "--attach", shell.Mail());
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_named()
    {
        await using var shell = await Shell.Open();
        shell.Environment["AGENTMESH_POSTGRES"] = "Host=127.0.0.1;Port=9;Username=nobody;Database=none";
        var run = await shell.Run("goal", "list");
        Assert.Equal(1, run.Code);
        Assert.Contains("AGENTMESH_POSTGRES", run.Line, StringComparison.Ordinal);
        shell.Environment["AGENTMESH_POSTGRES"] = "this is no connection string";
        Assert.Contains("AGENTMESH_POSTGRES", (await shell.Run("goal", "list")).Line, StringComparison.Ordinal);
    }

    private static async Task Refused(Shell shell, string says, params string[] args)
    {
        var run = await shell.Run(args);
        Assert.Contains(says, run.Line, StringComparison.Ordinal);
        Assert.Equal(2, run.Code);
        Assert.Empty(run.Out);
    }

    private static string Playbook(string fault) => new StringBuilder()
        .AppendLine("name: bad").AppendLine("description: A playbook with one fault.").AppendLine("steps:")
        .AppendLine("  - id: first").AppendLine($"    role: {(fault == "role" ? "nobody" : "classifier")}").AppendLine("    instruction: Classify it.")
        .AppendLine("    produces: category").AppendLine($"    inputs: [{(fault == "cycle" ? "second" : "email")}]")
        .AppendLine(fault == "tool" ? "    tools: [rocket.launch]" : "    tools: []")
        .AppendLine("  - id: second").AppendLine("    role: classifier").AppendLine("    instruction: Classify it again.")
        .AppendLine("    produces: category").AppendLine("    inputs: [first]")
        .ToString();
}
