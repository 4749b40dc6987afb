using System.Net;
using System.Net.Sockets;
using AgentMesh.Cli.Output;

namespace AgentMesh.Cli.Tests;

/// <summary>The single process with its API: other terminals work on it, and look at it, as they do on a cluster.</summary>
public sealed class DevTests(Server database)
{
    [Fact]
    public async Task A_single_process_is_looked_at_as_a_cluster_of_one_and_ends_when_it_is_interrupted()
    {
        await using var mesh = await Shell.Open(database);
        await mesh.StartTickets();
        await using var output = new Announced();
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var terminal = Terminal.Plain(TextWriter.Synchronized(output), TextWriter.Null, TextReader.Null, name => mesh.Environment.GetValueOrDefault(name));
        var dev = Application.Run(["dev", "--http", "http://127.0.0.1:0"], terminal, interrupt.Token);
        var first = await Task.WhenAny(dev, output.Url);
        Assert.Same(output.Url, first);

        await using var ann = await Shell.Open();
        ann.Environment["AGENTMESH_SERVER"] = await output.Url;
        Assert.Equal(0, (await ann.Support("--approve", "auto")).Code);
        var name = Environment.MachineName;
        var status = await ann.Run("cluster", "status");
        Assert.StartsWith("cluster local: 1 of 1 silo active, 0 moving goals", status.Out, StringComparison.Ordinal);
        Assert.Contains("agents,gateway", status.Out, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}", status.Out, StringComparison.Ordinal);

        var top = await ann.Run("cluster", "top", "--window", "600");
        Assert.Contains("the last 600 s", top.Out, StringComparison.Ordinal);
        foreach (var type in new[] { "orchestrator", "classifier", "writer" }) Assert.Contains(top.Out.Split('\n'), l => l.StartsWith(type, StringComparison.Ordinal));
        var activity = (await ann.Run("cluster", "top", "-o", "json")).Json.GetProperty("activity");
        Assert.Equal(name, Assert.Single(activity.GetProperty("silos").EnumerateArray()).GetProperty("silo").GetString());

        var drain = await ann.Run("cluster", "drain", name);
        Assert.Contains("end it with Ctrl-C or SIGTERM", drain.Line, StringComparison.Ordinal);
        Assert.Equal(2, drain.Code);

        await interrupt.CancelAsync();
        Assert.Equal(ExitCodes.Done, await dev);
        Assert.Equal(1, (await ann.Run("cluster", "status")).Code);
    }

    [Fact]
    public async Task Beside_a_running_host_an_edit_is_taken_once_and_the_same_edit_again_is_no_error()
    {
        await using var mesh = await Shell.Open(database);
        await mesh.StartTickets();
        await using var output = new Announced();
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var dev = Application.Run(["dev", "--http", "http://127.0.0.1:0"], Terminal.Plain(TextWriter.Synchronized(output), TextWriter.Null, TextReader.Null, name => mesh.Environment.GetValueOrDefault(name)), interrupt.Token);
        await using var ann = await Shell.Open();
        ann.Environment["AGENTMESH_SERVER"] = await output.Url;
        Assert.Equal(3, (await ann.Support("-o", "json")).Code);

        var asked = (await mesh.Run("goal", "show", "last", "-o", "json")).Json.GetProperty("openApprovals")[0];
        var arguments = $"{{{string.Join(',', asked.GetProperty("arguments").EnumerateObject().Select(p => $"\"{p.Name}\":{(p.Name == "title" ? "\"Written by a person\"" : p.Value.GetRawText())}"))}}}";
        var request = asked.GetProperty("request").GetString()!;
        Assert.Equal(0, (await mesh.Run("goal", "edit", "last", request, "--arguments", arguments)).Code);
        Assert.Equal(0, (await mesh.Run("goal", "edit", "last", request, "--arguments", arguments, "--no-wait")).Code);
        var other = await mesh.Run("goal", "reject", "last", request, "--reason", "too late", "--no-wait");
        Assert.Equal(2, other.Code);
        _ = other.Line;
        Assert.Equal(1, mesh.Tickets);

        await interrupt.CancelAsync();
        Assert.Equal(ExitCodes.Done, await dev);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("http://127.0.0.1:8080/mesh")]
    public async Task Where_nobody_can_listen_costs_one_line(string url)
    {
        await using var shell = await Shell.Open();
        var run = await shell.Run("dev", "--http", url);
        Assert.Contains("nothing to listen on", run.Line, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }

    [Fact]
    public async Task A_port_that_somebody_has_costs_one_line_and_frees_the_home()
    {
        await using var shell = await Shell.Open(database);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var run = await shell.Run("dev", "--http", $"http://{taken.LocalEndpoint}");
        Assert.Contains("address already in use", run.Line, StringComparison.Ordinal);
        Assert.Equal((1, ""), (run.Code, run.Out));
        Assert.Equal(0, (await shell.Run("goal", "list")).Code);
    }

    /// <summary>Tells the URL once it is written.</summary>
    private sealed class Announced : StringWriter
    {
        private readonly TaskCompletionSource<string> url = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Url => url.Task;

        public override void WriteLine(string? value)
        {
            if (value?.Split("AGENTMESH_SERVER=") is [_, var told]) url.TrySetResult(told);
        }

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            return Task.CompletedTask;
        }
    }
}
