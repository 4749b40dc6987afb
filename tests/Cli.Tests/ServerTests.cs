using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Cli.Tests;

/// <summary>The same commands against a server: another shell, without a database of its own.</summary>
public sealed class ServerTests(Server database)
{
    [Fact]
    public async Task A_goal_with_an_attachment_runs_on_the_server_and_is_approved_from_a_second_client()
    {
        await using var mesh = await Shell.Open(database);
        await mesh.StartTickets();
        await using var server = await MeshServer.Start(mesh);
        await using var ann = await Client(server);
        await using var ben = await Client(server);

        var run = await ann.Support("-o", "json");
        Assert.Equal((3, "Waiting"), (run.Code, run.Json.GetProperty("state").GetString()));
        Assert.Equal(0, mesh.Tickets);
        Assert.Contains("articles", (await ben.Run("knowledge", "list")).Out, StringComparison.Ordinal);
        Assert.Contains("charges.md", (await ben.Run("knowledge", "search", "charged twice")).Out, StringComparison.Ordinal);
        Assert.Contains("Waiting", (await ben.Run("goal", "list")).Out, StringComparison.Ordinal);

        var approved = await ben.Run("goal", "approve", "last", "--by", "ben", "-o", "json");
        Assert.Equal((0, ""), (approved.Code, approved.Code == 0 ? "" : approved.Err));
        Assert.Equal(1, mesh.Tickets);
        var resumed = await ann.Run("goal", "resume", "last", "-o", "json");
        Assert.Equal((0, "Completed"), (resumed.Code, resumed.Json.GetProperty("state").GetString()));
        Assert.Contains("ben", (await ann.Run("goal", "explain", "last")).Out, StringComparison.Ordinal);
        // From the reply on it is done anew, and the ticket is not.
        var forked = await ann.Run("goal", "fork", approved.Json.GetProperty("goal").GetString()!, "--from", "reply", "--instruction", "Thank them for their patience.", "-o", "json");
        Assert.Equal((0, "Completed", 1), (forked.Code, forked.Json.GetProperty("state").GetString(), mesh.Tickets));
        Assert.NotEqual(approved.Json.GetProperty("goal").GetString(), forked.Json.GetProperty("goal").GetString());
        Assert.Contains("nonsense", (await ann.Run("goal", "fork", "last", "--from", "nonsense")).Line, StringComparison.Ordinal);
        var again = await ben.Run("goal", "approve", resumed.Json.GetProperty("goal").GetString()!);
        Assert.Equal(2, again.Code);
        _ = again.Line;
    }

    [Fact]
    public async Task A_connection_that_is_cut_again_and_again_costs_no_entry_and_repeats_none()
    {
        await using var mesh = await Shell.Open(database);
        await mesh.StartTickets();
        await using var server = await MeshServer.Start(mesh);
        await using var ann = await Client(server);
        (server.Cuts, server.Breaks) = (4, 2);
        var run = await ann.Support("--approve", "auto");
        Assert.Equal(0, run.Code);
        Assert.Equal([0L, 2L, 4L, 6L, 8L], server.Followed.Take(5));
        var sequences = run.Err.Split('\n').Select(l => l.TrimStart().Split(' ')[0]).Where(w => int.TryParse(w, out _)).Select(int.Parse).ToList();
        Assert.Equal(Enumerable.Range(1, sequences.Count), sequences);
        Assert.True(sequences.Count > 8, "The goal was too short to be cut four times.");

        server.Breaks = 2;
        var events = (await ann.Run("goal", "events", "last", "-o", "json")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(sequences, events.Select(e => JsonDocument.Parse(e).RootElement.GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task The_catalogue_is_the_servers()
    {
        await using var mesh = await Shell.Open(database);
        await mesh.StartTickets();
        await using var server = await MeshServer.Start(mesh);
        await using var ann = await Client(server);
        Assert.Contains("ticket.create", (await ann.Run("tool", "list")).Out, StringComparison.Ordinal);
        Assert.Contains("clerk", (await ann.Run("role", "list")).Out, StringComparison.Ordinal);
        Assert.Contains(await Names(ann), n => n == "support");

        static async Task<IEnumerable<string?>> Names(Shell shell) => (await shell.Run("playbook", "list", "-o", "json")).Json.EnumerateArray().Select(p => p.GetProperty("name").GetString());
    }

    [Fact]
    public async Task The_cluster_is_shown_and_a_silo_drained_until_it_is_gone()
    {
        await using var mesh = await Shell.Open(database);
        await using var server = await MeshServer.Start(mesh);
        await using var ann = await Client(server);
        var status = await ann.Run("cluster", "status");
        Assert.Contains("2 of 2 silos active", status.Out, StringComparison.Ordinal);
        Assert.Contains("gpu0", status.Out, StringComparison.Ordinal);
        var top = await ann.Run("cluster", "top");
        Assert.Contains("writer", top.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', top.Out + status.Out);
        Assert.Equal(2, (await ann.Run("cluster", "top", "-o", "json")).Json.GetProperty("cluster").GetProperty("silos").GetArrayLength());

        var drained = await ann.Run("cluster", "drain", "b");
        Assert.Equal((0, "b is out of service."), (drained.Code, drained.Out.Trim()));
        Assert.Contains("b: draining, 4 goals", drained.Err, StringComparison.Ordinal);
        await Refused(ann, "There is no silo c.", "cluster", "drain", "c");
    }

    [Theory]
    [InlineData("not a url", 2, "is no URL")]
    [InlineData("ftp://127.0.0.1/", 2, "is no URL")]
    [InlineData("http://ann:pw@127.0.0.1/", 2, "is no URL")]
    [InlineData("http://127.0.0.1:9", 1, "cannot be reached")]
    [InlineData("http://no-such-host.invalid:8080", 1, "cannot be reached")]
    public async Task A_server_that_cannot_be_reached_costs_one_line(string url, int code, string says)
    {
        await using var shell = await Shell.Open();
        foreach (var args in new[] { new[] { "goal", "list" }, ["run", "Do it"], ["cluster", "top"], ["goal", "events", "last", "-f"] })
        {
            var run = await shell.Run([.. args, "--server", url]);
            Assert.Contains(says, run.Line, StringComparison.Ordinal);
            Assert.Equal((code, ""), (run.Code, run.Out));
        }
    }

    [Fact]
    public async Task What_the_server_refuses_is_one_line_and_what_is_no_mesh_is_said_to_be_none()
    {
        await using var mesh = await Shell.Open(database);
        await using var server = await MeshServer.Start(mesh);
        await using var ann = await Client(server);
        await Refused(ann, "There is no playbook karaoke.", "run", "Sing", "--playbook", "karaoke");
        await Refused(ann, "There is no goal nobody", "goal", "show", "nobody");
        await Refused(ann, "note.txt is no table", "run", "Write the brief", "--data", ann.Write("note.txt", "no figures here"));

        await using var other = await Doubles.TestServer.Start(http =>
        {
            http.Response.StatusCode = (int)HttpStatusCode.NotFound;
            return http.Response.WriteAsync("<html>nothing here</html>");
        });
        ann.Environment["AGENTMESH_SERVER"] = other.Url.ToString();
        await Refused(ann, "as no AgentMesh server does", "goal", "list");
    }

    [Theory]
    [InlineData("status")]
    [InlineData("top")]
    [InlineData("drain a")]
    public async Task Without_a_server_there_is_no_cluster(string command)
    {
        await using var shell = await Shell.Open();
        await Refused(shell, "--server URL", ["cluster", .. command.Split(' ')]);
    }

    private static async Task<Shell> Client(MeshServer server)
    {
        var shell = await Shell.Open();
        shell.Environment["AGENTMESH_SERVER"] = server.Url;
        return shell;
    }

    private static async Task Refused(Shell shell, string says, params string[] args)
    {
        var run = await shell.Run(args);
        Assert.Contains(says, run.Line, StringComparison.Ordinal);
        Assert.Equal(2, run.Code);
        Assert.Empty(run.Out);
    }
}
