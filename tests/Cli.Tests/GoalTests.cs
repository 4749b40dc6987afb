using System.Text.Json;

namespace AgentMesh.Cli.Tests;

/// <summary>A goal from submission to result through the commands, with a person's part in it.</summary>
public sealed class GoalTests(Server server)
{
    [Fact]
    public async Task Consent_given_in_advance_brings_one_ticket_and_one_JSON_document()
    {
        await using var shell = await Support();
        var run = await shell.Support("--approve", "auto", "-o", "json");
        Assert.Equal(0, run.Code);
        Assert.Equal("Completed", State(run));
        Assert.Equal("billing", run.Json.GetProperty("artifacts").GetProperty("category")[0].GetProperty("value").GetProperty("label").GetString());
        Assert.Equal(1, shell.Tickets);
        Assert.DoesNotContain('\u001b', run.Out + run.Err);

        var shown = await shell.Run("goal", "show", "last");
        Assert.DoesNotContain('\u001b', shown.Out);
        Assert.Contains("AC-48213", shown.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(shown.Out.Split('\n'), l => l.EndsWith("  ", StringComparison.Ordinal) && l.StartsWith("STEP", StringComparison.Ordinal));
        Assert.Equal(0, (await shell.Run("goal", "explain", "last")).Code);
        var events = (await shell.Run("goal", "events", "last", "-o", "json")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(events, line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));

        // Any unambiguous beginning or end of the id finds the goal; an unknown one is said to be.
        var id = run.Json.GetProperty("goal").GetString()!;
        Assert.Equal(id, (await shell.Run("goal", "show", id[..10], "-o", "json")).Json.GetProperty("goal").GetString());
        Assert.Equal(id, (await shell.Run("goal", "show", id[^6..].ToUpperInvariant(), "-o", "json")).Json.GetProperty("goal").GetString());
        var unknown = await shell.Run("goal", "show", "zzzzzz");
        Assert.Equal(2, unknown.Code);
        Assert.Contains("zzzzzz", unknown.Line, StringComparison.Ordinal);
        Assert.Equal(2, (await shell.Run("goal", "approve", "last")).Code);
    }

    [Fact]
    public async Task A_goal_that_waits_for_consent_exits_with_3_and_approving_completes_it_with_one_ticket()
    {
        await using var shell = await Support();
        var run = await shell.Support("-o", "json");
        Assert.Equal(3, run.Code);
        Assert.Equal("Waiting", State(run));
        Assert.Equal(0, shell.Tickets);
        Assert.Contains("agentmesh goal approve", run.Err, StringComparison.Ordinal);

        var approved = await shell.Run("goal", "approve", "last", "-o", "json");
        Assert.Equal(0, approved.Code);
        Assert.Equal("Completed", State(approved));
        Assert.Equal(1, shell.Tickets);
        Assert.Equal(2, (await shell.Run("goal", "approve", "last")).Code);
        Assert.Equal(1, shell.Tickets);
    }

    [Fact]
    public async Task Editing_the_arguments_creates_the_ticket_that_the_person_wrote()
    {
        await using var shell = await Support();
        var run = await shell.Support("-o", "json");
        var arguments = run.Json.GetProperty("openApprovals")[0].GetProperty("arguments");
        var edited = arguments.EnumerateObject().ToDictionary(p => p.Name, p => p.Name == "title" ? "\"Written by a person\"" : p.Value.GetRawText(), StringComparer.Ordinal);
        var json = $"{{{string.Join(',', edited.Select(p => $"\"{p.Key}\":{p.Value}"))}}}";

        var broken = await shell.Run("goal", "edit", "last", "--arguments", "{\"title\":");
        Assert.Equal(2, broken.Code);
        Assert.Contains("--arguments", broken.Line, StringComparison.Ordinal);
        var wrong = await shell.Run("goal", "edit", "last", "--arguments", "{\"colour\":\"red\"}");
        Assert.Equal(2, wrong.Code);
        _ = wrong.Line;
        Assert.Equal(0, shell.Tickets);

        shell.Write("arguments.json", json);
        var done = await shell.Run("goal", "edit", "last", "--arguments", "@" + shell.At("arguments.json"), "-o", "json");
        Assert.Empty(done.Code == 0 ? "" : done.Err);
        Assert.Equal("Written by a person", done.Json.GetProperty("tickets")[0].GetProperty("value").GetProperty("title").GetString());
        Assert.Equal(1, shell.Tickets);
    }

    [Fact]
    public async Task A_refused_ticket_is_never_created_and_the_goal_says_why_it_ended()
    {
        await using var shell = await Support();
        await shell.Support();
        var rejected = await shell.Run("goal", "reject", "last", "--reason", "wrong customer", "-o", "json");
        Assert.Equal(0, shell.Tickets);
        Assert.Contains("wrong customer", rejected.Out, StringComparison.Ordinal);
        Assert.Equal(State(rejected) switch { "Completed" => 0, "Waiting" => 3, "Failed" => 4, _ => 5 }, rejected.Code);
        Assert.NotEqual("Running", State(rejected));
    }

    [Fact]
    public async Task A_policy_of_never_refuses_without_asking()
    {
        await using var shell = await Support();
        var run = await shell.Support("--approve", "never", "-o", "json");
        Assert.Equal(0, shell.Tickets);
        Assert.Empty(run.Json.GetProperty("openApprovals").EnumerateArray());
        Assert.Equal(State(run) switch { "Completed" => 0, "Failed" => 4, _ => -1 }, run.Code);
    }

    [Fact]
    public async Task Cancelling_a_waiting_goal_ends_it_and_its_exit_code_becomes_5()
    {
        await using var shell = await Support();
        await shell.Support();
        var cancelled = await shell.Run("goal", "cancel", "last", "--reason", "duplicate", "-o", "json");
        Assert.Equal(0, cancelled.Code);
        Assert.Equal("Cancelled", State(cancelled));
        var resumed = await shell.Run("goal", "resume", "last", "-o", "json");
        Assert.Equal(5, resumed.Code);
        Assert.Equal("Cancelled", State(resumed));
        Assert.Equal(0, shell.Tickets);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("goal list")]
    [InlineData("goal edit")]
    [InlineData("playbook validate")]
    [InlineData("completion")]
    public async Task Help_shows_an_example_whatever_is_missing(string command)
    {
        await using var shell = await Shell.Open();
        var help = await shell.Run([.. command.Split(' '), "--help"]);
        Assert.Equal(0, help.Code);
        Assert.Contains("Examples:", help.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_is_not_there_leaves_the_work_to_the_rules()
    {
        await using var shell = await Support();
        shell.Environment["AGENTMESH_MODEL_URL"] = "http://127.0.0.1:9/v1";
        shell.Environment["AGENTMESH_MODEL"] = "absent";
        var run = await shell.Support("--approve", "auto", "-o", "json");
        Assert.Equal(0, run.Code);
        Assert.Equal(1, shell.Tickets);
    }

    private async Task<Shell> Support()
    {
        var shell = await Shell.Open(server);
        await shell.StartTickets();
        return shell;
    }

    private static string State(Outcome outcome) => outcome.Json.GetProperty("state").GetString()!;
}
