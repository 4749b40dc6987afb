using AgentMesh.ScriptedModel;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests;

public sealed class LoggingTests
{
    [Fact]
    public async Task A_call_leaves_one_line_without_its_contents()
    {
        await using var f = Fixture.With(Reply.Text("the answer is secret"), Reply.Streamed("the answer", " is secret"));
        await f.Ask("a private question");
        await f.Stream();
        Assert.Equal(2, f.Logs.Count);
        Assert.All(f.Logs, l => Assert.Contains("big answered in 0.000 s: 11 tokens in, 7 out, ended by stop", l, StringComparison.Ordinal));
        Assert.DoesNotContain(f.Logs, l => l.Contains("private", StringComparison.Ordinal) || l.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Contents_that_were_asked_for_are_redacted()
    {
        await using var f = Fixture.With(o => o with { LogContent = true }, Reply.Text("write to ann@example.org"));
        await f.Ask("my password: hunter2", new ChatOptions { Instructions = "key sk-abcdefghijklmnop1234" });
        var all = string.Join('\n', f.Logs);
        Assert.Contains("write to ⟦email-1⟧", all, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", all, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-abc", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_logged_once_with_its_kind()
    {
        await using var f = Fixture.With(Reply.Error(404, "no such model"));
        await f.Fails();
        Assert.Contains("Rejected", Assert.Single(f.Logs), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_over_plain_http_to_another_machine_is_warned_of()
    {
        using var logs = new Fixture.ListLogs();
        using var chain = ModelChain.Create(new ModelOptions { Url = new Uri("http://gpu.example.org/v1/"), Model = "m", ApiKey = "k" }, logs: logs);
        Assert.Contains("unencrypted", Assert.Single(logs.Lines), StringComparison.Ordinal);
    }
}
