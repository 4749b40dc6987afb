using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Tools.Notify;

public sealed class NotifySendToolTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string File => Path.Combine(_folder.Path, "sub", "notifications.jsonl");

    private NotifySendTool Tool() => new(new(File), TimeProvider.System);

    [Fact]
    public async Task A_key_is_written_once()
    {
        var first = await Tool().Run("""{"text": "hello"}""");
        var again = await Tool().Run("""{"text": "hello"}""");
        await Tool().Run("""{"text": "other"}""", "g-1/step/2");
        Assert.Equal(first.GetRawText(), again.GetRawText());
        Assert.Equal("console", first.Text("channel"));
        var lines = await System.IO.File.ReadAllLinesAsync(File, TestContext.Current.CancellationToken);
        Assert.Equal(2, lines.Length);
        Assert.Equal("hello", MeshJson.Parse(lines[0]).Text("text"));
        Assert.Equal(ToolEffect.Idempotent, Tool().Descriptor.Effect);
    }

    [Fact]
    public async Task Half_a_line_from_a_crash_does_no_harm()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        await System.IO.File.WriteAllTextAsync(File, "{\"id\":\"n-1\",\"ke", TestContext.Current.CancellationToken);
        await Tool().Run("""{"text": "hello"}""");
        await Tool().Run("""{"text": "hello"}""");
        var lines = await System.IO.File.ReadAllLinesAsync(File, TestContext.Current.CancellationToken);
        Assert.Equal(2, lines.Length);
        Assert.Equal("hello", MeshJson.Parse(lines[1]).Text("text"));
    }

    [Fact]
    public async Task Many_writers_at_once_lose_and_double_nothing()
    {
        var tools = Enumerable.Range(0, 4).Select(_ => Tool()).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => tools[i % 4].Run("""{"text": "x"}""", $"key/{i / 2}"))));
        var keys = (await System.IO.File.ReadAllLinesAsync(File, TestContext.Current.CancellationToken)).Select(line => MeshJson.Parse(line).Text("key"));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"key/{i}").Order(StringComparer.Ordinal), keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_webhook_gets_the_key_and_counts_as_once()
    {
        var (key, path) = ("", "");
        await using var server = await TestServer.Start(http =>
        {
            (key, path) = (http.Request.Headers["Idempotency-Key"].ToString(), http.Request.Path + http.Request.QueryString);
            return Task.CompletedTask;
        });
        var tool = new NotifySendTool(new(null, new Uri(server.Url, "hook/secret?a=b")), TimeProvider.System);
        Assert.Equal("webhook", (await tool.Run("""{"text": "hello"}""")).Text("channel"));
        Assert.Equal(("g-1/step/1", "/hook/secret?a=b"), (key, path));
        Assert.Equal(ToolEffect.Once, tool.Descriptor.Effect);
        Assert.Equal(ToolApproval.WhenUntrusted, tool.Descriptor.Approval);
        Assert.Equal(ToolEffect.Idempotent, new NotifySendTool(new(null, server.Url, WebhookIsIdempotent: true), TimeProvider.System).Descriptor.Effect);
        Assert.Contains("no channel 'console'", (await tool.Fails("""{"text": "x", "channel": "console"}""")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, FailureKind.Permanent, false)]
    [InlineData(429, FailureKind.Transient, false)]
    [InlineData(500, FailureKind.Transient, true)]
    public async Task A_webhooks_failure_says_whether_the_message_may_have_gone_out(int status, FailureKind kind, bool effectPossible)
    {
        await using var server = await TestServer.Start(http =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        var exception = await new NotifySendTool(new(null, new Uri(server.Url, "secret")), TimeProvider.System).Fails("""{"text": "hello"}""");
        Assert.Equal(kind, exception.Kind);
        Assert.Equal(effectPossible, exception.EffectPossible);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_that_has_the_key_in_flight_says_when_to_ask_again()
    {
        await using var server = await TestServer.Start(http =>
        {
            http.Response.StatusCode = 409;
            http.Response.Headers.RetryAfter = "7";
            return Task.CompletedTask;
        });
        var tool = new NotifySendTool(new(null, server.Url, WebhookIsIdempotent: true), TimeProvider.System);
        Assert.Equal(TimeSpan.FromSeconds(7), Assert.IsType<ToolInFlightException>(await tool.Fails("""{"text": "hello"}""")).RetryAfter);
    }

    [Fact]
    public async Task A_webhook_cannot_be_asked_but_what_a_message_gives_is_known()
    {
        await using var server = await TestServer.Start(_ => Task.CompletedTask);
        var tool = new NotifySendTool(new(File, server.Url), TimeProvider.System);
        var sent = await tool.Run("""{"text": "hello"}""");
        var unsure = Assert.IsType<Reconciliation.CannotTell>(await tool.Reconcile(Calls.Of("""{"text": "hello"}"""), TestContext.Current.CancellationToken));
        Assert.Equal(sent.GetRawText(), unsure.IfItHappened!.Value.GetRawText());
        Assert.IsType<Reconciliation.DidNotHappen>(await tool.Reconcile(Calls.Of("""{"text": "hello", "channel": "console"}"""), TestContext.Current.CancellationToken));
    }
}
