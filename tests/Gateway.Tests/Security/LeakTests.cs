using System.Collections.Concurrent;
using System.Text;
using AgentMesh.Contracts;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Gateway.Tests.Security;

/// <summary>What answers tell browsers, and that neither logs nor problems tell what nobody else should read.</summary>
public sealed class LeakTests
{
    private const string Mail = "canary.person@example.com", Text = "canary-attachment-text", Words = "canary-search-words";

    [Theory]
    [InlineData("/v1/me", "default-src 'none'")]
    [InlineData("/health/live", "default-src 'self'")]
    public async Task Every_answer_tells_browsers_what_it_may_do(string path, string policy)
    {
        await using var world = await World.Start(World.Guarded);
        foreach (var key in new[] { World.Admin, null })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (key is not null) request.Headers.Add("Authorization", $"Bearer {key}");
            using var response = await world.Client.SendAsync(request, World.Ct);
            var headers = response.Headers;
            Assert.StartsWith(policy, headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.DoesNotContain("script-src 'self' 'unsafe", headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal(("nosniff", "DENY", "no-referrer"), (headers.GetValues("X-Content-Type-Options").Single(), headers.GetValues("X-Frame-Options").Single(), headers.GetValues("Referrer-Policy").Single()));
            if (path.StartsWith("/v1", StringComparison.Ordinal)) Assert.True(headers.CacheControl!.NoStore);
            if (key is null && path.StartsWith("/v1", StringComparison.Ordinal)) Assert.Equal("Bearer", headers.WwwAuthenticate.Single().Scheme);
        }
    }

    [Fact]
    public async Task Neither_logs_nor_problems_have_keys_mail_addresses_or_what_people_wrote()
    {
        var log = new Everything();
        await using var world = await World.Start(World.Guarded, logs: log);
        var key = await world.Key("acme", "ann", CallerRole.Submitter, CallerRole.Approver);
        var secret = key.Split('_')[2];
        var wrong = $"am_nobody_{new string('c', 40)}";
        var problems = new List<Answer>
        {
            await world.As(wrong, "/v1/me"), await world.As(secret, "/v1/me"), await world.As(key + "x", "/v1/me"), await world.As(key, "/v1/keys"),
            await world.As(key, HttpMethod.Post, "/v1/goals", $$"""{"text":"{{Mail}} {{Text}}","playbook":"none"}"""),
            await world.As(key, HttpMethod.Post, "/v1/goals", $$"""{"text":"{{Mail}}","attachments":[{"name":"a.bin","content":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes("\0\u0001" + Text))}}"}]}"""),
            await world.As(key, HttpMethod.Post, "/v1/goals", $$"""{"text":"{{Text}}","more":"{{Mail}}"}"""),
            await world.As(key, $"/v1/knowledge/search?q={Words}&limit=0"),
        };
        Assert.All(problems, p => Assert.InRange(p.Status, 400, 499));
        var mail = Convert.ToBase64String(Encoding.UTF8.GetBytes($"From: {Mail}\nSubject: Hello\n\n{Text}\n"));
        var goal = (await world.As(key, HttpMethod.Post, "/v1/goals", $$"""{"text":"call","attachments":[{"name":"mail.eml","content":"{{mail}}"}]}""")).Json.GetProperty("goal").GetString();
        var request = (await world.As(key, $"/v1/goals/{goal}/wait?timeout=60")).Json.GetProperty("openApprovals")[0].GetProperty("request").GetString();
        Assert.Equal(204, (await world.As(key, HttpMethod.Post, $"/v1/goals/{goal}/requests/{request}/decision", $$"""{"verdict":"reject","reason":"{{Text}} {{Mail}}"}""")).Status);
        await world.As(key, $"/v1/knowledge/search?q={Words}");

        Assert.NotEmpty(log.Lines);
        foreach (var canary in new[] { secret, key, wrong, World.Admin, World.Admin.Split('_')[2], Mail, Text, Words })
        {
            Assert.DoesNotContain(log.Lines, l => l.Contains(canary, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(problems, p => p.Text.Contains(canary, StringComparison.OrdinalIgnoreCase));
        }

        Assert.DoesNotContain(Text, (await world.As(World.Admin, "/v1/audit")).Text, StringComparison.Ordinal);
    }

    /// <summary>Every line of every category, however small.</summary>
    private sealed class Everything : ILoggerProvider, ILogger
    {
        public ConcurrentBag<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            Lines.Add($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
