using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentMesh.Conformance;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Webhooks;
using AgentMesh.Hosting.Webhooks;
using AgentMesh.Runtime;
using AgentMesh.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentMesh.Gateway.Tests.Webhooks;

/// <summary>Delivery from the journal in PostgreSQL to a real server.</summary>
public sealed class WebhookTests(PostgresServer server) : IAsyncDisposable
{
    private static readonly WebhookOptions Quick = new() { Every = TimeSpan.FromMilliseconds(10), Pauses = [TimeSpan.FromMilliseconds(10)]};

    private readonly List<IHost> hosts = [];
    private PostgresStore store = null!;

    [Fact]
    public async Task Nothing_is_lost_by_a_receiver_that_fails_and_a_restart_and_each_goals_events_come_in_order()
    {
        await Open();
        await using var receiver = await WebhookReceiver.Start();
        var secret = await Subscribe(receiver.Url);
        receiver.Answers = _ => Task.FromResult(Results.StatusCode(503));
        var first = await Start();
        await Submitted("g1");
        await Submitted("g2");
        var failed = await receiver.Next();
        await receiver.Next();
        await first.StopAsync(World.Ct);

        await Ended("g1");
        receiver.Answers = _ => Task.FromResult(Results.NoContent());
        await Start();
        await Ended("g2");
        await receiver.TookAll(4);

        Assert.Equal(["g1.1", "g1.2", "g2.1", "g2.2"], receiver.Taken.Select(m => m.Id).Order(StringComparer.Ordinal));
        foreach (var goal in new[] { "g1", "g2" })
            Assert.Equal([$"{goal}.1", $"{goal}.2"], receiver.Taken.Where(m => m.Id.StartsWith(goal, StringComparison.Ordinal)).Select(m => m.Id));
        Assert.Equal(receiver.Taken.Single(m => m.Id == failed.Id).Body, failed.Body);
        foreach (var message in receiver.Taken) Assert.Equal(Signed(secret, message), message.Signature);
        var submitted = JsonDocument.Parse(receiver.Taken.Single(m => m.Id == "g1.1").Body).RootElement;
        Assert.Equal(("goal.submitted", "g1", "acme"), (submitted.GetProperty("type").GetString(), submitted.GetProperty("data").GetProperty("goal").GetString(), submitted.GetProperty("data").GetProperty("tenant").GetString()));
        Assert.All(receiver.Taken, m => Assert.DoesNotContain("secret words", m.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_gateways_one_delivers_and_other_tenants_hear_nothing()
    {
        await Open();
        await using var receiver = await WebhookReceiver.Start();
        await Subscribe(receiver.Url, events: ["goal.completed"]);
        await Start();
        await Start();
        await Submitted("theirs", "other");
        await Ended("theirs", "other");
        for (var i = 0; i < 20; i++)
        {
            await Submitted($"g{i:00}");
            await Ended($"g{i:00}");
        }

        await receiver.TookAll(20);
        await Submitted("last");
        await Ended("last");
        await receiver.TookAll(21);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"g{i:00}.2").Append("last.2"), receiver.Taken.Select(m => m.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_slow_goal_does_not_hold_up_the_others()
    {
        await Open();
        await using var receiver = await WebhookReceiver.Start();
        await Subscribe(receiver.Url);
        var gate = new TaskCompletionSource();
        receiver.Answers = async m =>
        {
            if (m.Id == "slow.1") await gate.Task;
            return Results.NoContent();
        };
        await Submitted("slow");
        await Submitted("quick");
        await Start();
        await receiver.TookAll(1);
        Assert.Equal(["quick.1"], receiver.Taken.Select(m => m.Id));
        gate.SetResult();
        await receiver.TookAll(2);
    }

    [Fact]
    public async Task One_that_fails_too_long_is_disabled_with_the_reason_and_goes_on_where_it_was_when_enabled()
    {
        await Open();
        await using var receiver = await WebhookReceiver.Start();
        await Subscribe(receiver.Url);
        receiver.Answers = _ => Task.FromResult(Results.StatusCode(500));
        await Submitted("g1");
        await Start(Quick with { GivenUpAfter = TimeSpan.Zero });
        while ((await View()).DisabledAt is null) await Task.Yield();
        Assert.Contains("It answered 500", (await View()).Error, StringComparison.Ordinal);
        await Ended("g1");
        receiver.Answers = _ => Task.FromResult(Results.NoContent());
        await store.Webhooks.Enable("wh_1", World.Ct);
        await receiver.TookAll(2);
        Assert.Equal(["g1.1", "g1.2"], receiver.Taken.Select(m => m.Id));

        Assert.Equal(1, await store.Webhooks.Replay("wh_1", null, "g1.1", World.Ct));
        Assert.Equal(-1, await store.Webhooks.Replay("wh_1", null, "g1.9", World.Ct));
        await receiver.TookAll(3);
        Assert.Equal("g1.2", receiver.Taken.Last().Id);
        Assert.Equal(2, await store.Webhooks.Replay("wh_1", DateTimeOffset.UnixEpoch, null, World.Ct));
        await receiver.TookAll(5);
    }

    /// <summary>As the official library (standardwebhooks 1.x on npm) signs the same message with the same secret.</summary>
    [Fact]
    public void Signatures_are_those_of_the_standard() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Sign("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", """{"test": 2432232314}"""));

    [Fact]
    public async Task A_rotated_secret_signs_beside_all_old_ones_whose_time_is_not_over()
    {
        await Open();
        await using var receiver = await WebhookReceiver.Start();
        var old = await Subscribe(receiver.Url);
        var now = TimeProvider.System.GetUtcNow();
        var (over, next, last) = (NewSecret(), NewSecret(), NewSecret());
        await store.Webhooks.Rotate("wh_1", over, now.AddHours(1), World.Ct);
        await store.Webhooks.Rotate("wh_1", next, now.AddSeconds(-1), World.Ct);
        // Twice, as a statement is whose answer was lost.
        for (var i = 0; i < 2; i++) await store.Webhooks.Rotate("wh_1", last, now.AddHours(2), World.Ct);
        await Submitted("g1");
        await Start();
        var message = await receiver.Next();
        Assert.Equal($"{Signed(last, message)} {Signed(next, message)} {Signed(old, message)}", message.Signature);

        static string NewSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/x")]
    [InlineData("http://localhost/x")]
    [InlineData("http://[::1]/x")]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("https://10.0.0.7/x")]
    [InlineData("http://[::ffff:192.168.1.1]/x")]
    public async Task Private_addresses_are_refused_when_named_and_when_connected_to(string url)
    {
        using var sender = new WebhookSender(_ => null);
        Assert.Contains("AGENTMESH_WEBHOOKS_PRIVATE", sender.Refusal(new Uri(url)), StringComparison.Ordinal);
        var sent = await sender.Send(new Uri(url), new Dictionary<string, string>(StringComparer.Ordinal), "{}", World.Ct);
        Assert.Null(sent.Status);
        Assert.Contains("not an address of the public internet", sent.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        await using var receiver = await WebhookReceiver.Start();
        receiver.Answers = _ => Task.FromResult(Results.Redirect(receiver.Url));
        using var sender = new WebhookSender(_ => "true");
        Assert.Equal(302, (await sender.Send(new Uri(receiver.Url), new Dictionary<string, string>(StringComparer.Ordinal), "{}", World.Ct)).Status);
        Assert.Equal(1, (await receiver.Next()).Number);
    }

    [Fact]
    public async Task The_api_makes_lists_tests_and_removes_them_and_shows_a_secret_once()
    {
        await Open();
        await using var receiver = await WebhookReceiver.Start();
        await using var world = await World.Start(services: s => s.AddAgentMeshWebhooks(store.Webhooks, new WebhookSender(_ => "true"), Quick));
        (await world.Post("/v1/webhooks", """{"url":"ftp://x"}""")).Problem(422, "url-invalid");
        (await world.Post("/v1/webhooks", $$"""{"url":"{{receiver.Url}}","events":["goal.exploded"]}""")).Problem(422, "events-invalid");
        (await world.Post("/v1/webhooks", $$"""{"url":"{{receiver.Url}}","events":[null,"goal.exploded"]}""")).Problem(400, "json-invalid");
        var made = await world.Post("/v1/webhooks", $$"""{"url":"{{receiver.Url}}"}""", ("Idempotency-Key", "k-1"));
        Assert.Equal(made.Text, (await world.Post("/v1/webhooks", $$"""{"url":"{{receiver.Url}}"}""", ("Idempotency-Key", "k-1"))).Text);
        Assert.Equal(1, (await world.Get("/v1/webhooks")).Json.GetArrayLength());
        Assert.Equal((201, ""), (made.Status, made.Status == 201 ? "" : made.Text));
        var secret = made.Json.GetProperty("secret").GetString()!;
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        var id = made.Json.GetProperty("webhook").GetProperty("id").GetString();

        var tested = await world.Post($"/v1/webhooks/{id}/test", "");
        Assert.Equal(204, tested.Json.GetProperty("status").GetInt32());
        var message = await receiver.Next();
        Assert.Equal(Signed(secret["whsec_".Length..], message), message.Signature);
        var list = await world.Get("/v1/webhooks");
        Assert.Equal(id, list.Json[0].GetProperty("id").GetString());
        Assert.DoesNotContain(secret["whsec_".Length..], list.Text, StringComparison.Ordinal);
        var rotated = await world.Post($"/v1/webhooks/{id}/rotate", "", ("Idempotency-Key", "k-1"));
        Assert.NotEqual(secret, rotated.Json.GetProperty("secret").GetString());
        Assert.Equal(rotated.Text, (await world.Post($"/v1/webhooks/{id}/rotate", "", ("Idempotency-Key", "k-1"))).Text);
        (await world.Post($"/v1/webhooks/{id}/replay", "{}")).Problem(422, "replay-invalid");
        Assert.Equal(204, (await world.Send(HttpMethod.Delete, $"/v1/webhooks/{id}", null)).Status);
        (await world.Get($"/v1/webhooks/{id}")).Problem(404, "webhook-not-found");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
        {
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
        }

        if (store is not null) await store.DisposeAsync();
    }

    private async Task Open() => store = await server.NewStore();

    private async Task<IHost> Start(WebhookOptions? options = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging().AddSingleton(TimeProvider.System).AddAgentMeshWebhooks(store.Webhooks, new WebhookSender(_ => "true"), options ?? Quick);
        var host = builder.Build();
        await host.StartAsync(World.Ct);
        hosts.Add(host);
        return host;
    }

    private async Task<string> Subscribe(string url, IReadOnlyList<string>? events = null)
    {
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await store.Webhooks.Add(new StoredWebhook(new WebhookView("wh_1", "acme", url, events ?? WebhookEvents.All, DateTimeOffset.UnixEpoch, "test"), secret), World.Ct);
        return secret;
    }

    private async Task<WebhookView> View() => (await store.Webhooks.Find("wh_1", World.Ct))!.Webhook;

    private Task Submitted(string goal, string tenant = "acme") =>
        Append(new GoalId(goal), tenant, 0, GoalStatus.Planning, new GoalSubmitted(new GoalId(goal), new GoalSpec { Text = "secret words", Tenant = tenant }));

    private Task Ended(string goal, string tenant = "acme") => Append(new GoalId(goal), tenant, 1, GoalStatus.Completed, new GoalEnded(GoalStatus.Completed, "secret words", []));

    private async Task Append(GoalId goal, string tenant, long expected, GoalStatus status, GoalEvent e)
    {
        var now = TimeProvider.System.GetUtcNow();
        await store.Journal.Append(new JournalAppend(goal, expected, [new JournalEntry(expected + 1, now, e)], new GoalSummary(goal, tenant, "text", status, now, now, expected + 1), "w"), World.Ct);
    }

    private static string Signed(string secret, WebhookReceiver.Message message) =>
        $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret), Encoding.UTF8.GetBytes($"{message.Id}.{message.Timestamp}.{message.Body}")))}";
}
