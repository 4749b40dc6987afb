using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using AgentMesh.ScriptedModel;

namespace AgentMesh.Inference.Tests;

public sealed class ErrorTests
{
    [Theory]
    [InlineData(400, ModelErrorKind.Rejected)]
    [InlineData(401, ModelErrorKind.Rejected)]
    [InlineData(404, ModelErrorKind.Rejected)]
    [InlineData(413, ModelErrorKind.Rejected)]
    [InlineData(501, ModelErrorKind.Rejected)]
    [InlineData(408, ModelErrorKind.Unavailable)]
    [InlineData(500, ModelErrorKind.Unavailable)]
    [InlineData(503, ModelErrorKind.Unavailable)]
    [InlineData(529, ModelErrorKind.Unavailable)]
    [InlineData(429, ModelErrorKind.RateLimited)]
    public async Task A_status_becomes_a_kind_and_a_sentence(int status, ModelErrorKind kind)
    {
        await using var f = Fixture.With(Reply.Error(status, "because"));
        var error = await f.Fails();
        Assert.Equal((kind, (int?)status), (error.Kind, error.StatusCode));
        Assert.Contains("because", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        Assert.False(error.TokensMayBeSpent);
    }

    [Fact]
    public async Task Retry_after_is_read_as_seconds_and_as_a_date()
    {
        await using var f = Fixture.With();
        f.Server.Then(
            Reply.Error(429, "slow down", ("Retry-After", "17")),
            Reply.Error(503, "soon", ("Retry-After", (f.Time.GetUtcNow() + TimeSpan.FromSeconds(42)).ToString("R", CultureInfo.InvariantCulture))),
            Reply.Error(429, "past", ("Retry-After", (f.Time.GetUtcNow() - TimeSpan.FromDays(1)).ToString("R", CultureInfo.InvariantCulture))));
        Assert.Equal(TimeSpan.FromSeconds(17), (await f.Fails()).RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(42), (await f.Fails()).RetryAfter);
        Assert.Equal(TimeSpan.Zero, (await f.Fails()).RetryAfter);
    }

    [Fact]
    public async Task An_account_without_credit_is_refused_rather_than_retried()
    {
        await using var f = Fixture.With(o => o with { Retries = 3 },
            Reply.Json("""{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}""", 429));
        Assert.Equal(ModelErrorKind.Rejected, (await f.Fails()).Kind);
        Assert.Single(f.Server.Requests);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var other = ScriptedServer.Start(Reply.Text("stolen"));
        await using var f = Fixture.With(o => o with { ApiKey = "sk-secret-value" }, Reply.Json("", 307, ("Location", other.Url.ToString())));
        Assert.Equal(ModelErrorKind.Rejected, (await f.Fails()).Kind);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task Where_nothing_listens_the_message_says_so()
    {
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        using var chain = ModelChain.Create(new ModelOptions { Url = new Uri($"http://127.0.0.1:{port}/v1/"), Model = "m", Retries = 0 });
        var error = await Assert.ThrowsAsync<ModelException>(() => Ask(chain));
        Assert.Equal(ModelErrorKind.Unavailable, error.Kind);
        Assert.Contains("start the model server", error.Message, StringComparison.Ordinal);
        Assert.False(error.TokensMayBeSpent);
    }

    [Fact]
    public async Task A_reset_or_an_early_end_is_unavailable()
    {
        await using var f = Fixture.With(
            Reply.Raw().Reset(), Reply.Raw().Cut(),
            Reply.Raw().Head(200, ("Content-Type", "application/json"), ("Content-Length", "500")).Bytes("{\"choices\":"u8.ToArray()));
        for (var i = 0; i < 3; i++) Assert.Equal(ModelErrorKind.Unavailable, (await f.Fails()).Kind);
    }

    [Fact]
    public async Task A_secret_that_the_server_repeats_does_not_reach_the_message_or_the_log()
    {
        await using var f = Fixture.With(o => o with { ApiKey = "my-private-key-1" }, Reply.Error(401, "Incorrect API key provided: my-private-key-1, mail ann@example.org"));
        var error = await f.Fails();
        Assert.DoesNotContain("my-private-key-1", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(f.Logs, l => l.Contains("my-private-key-1", StringComparison.Ordinal) || l.Contains("ann@example.org", StringComparison.Ordinal));
        Assert.Contains("AGENTMESH_API_KEY", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_huge_error_page_is_read_only_in_part()
    {
        await using var f = Fixture.With(Reply.Raw().Head(500, ("Content-Type", "text/html")).Endless(new byte[8192]));
        Assert.Equal(ModelErrorKind.Unavailable, (await f.Fails()).Kind);
    }

    private static Task Ask(ModelChain chain) =>
        Microsoft.Extensions.AI.ChatClientExtensions.GetResponseAsync(chain.Chat(ModelNeed.Large)!, "x", cancellationToken: TestContext.Current.CancellationToken);
}
