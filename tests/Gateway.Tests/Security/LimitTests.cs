using AgentMesh.Contracts;
using AgentMesh.Gateway.Limits;

namespace AgentMesh.Gateway.Tests.Security;

/// <summary>What one key or tenant may ask for, and what a repeated request is answered.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_key_that_asks_too_much_waits_and_the_others_do_not()
    {
        var time = new EngineConformance.ManualTime();
        await using var world = await World.Start(World.Guarded with { Limits = new LimitOptions { RequestsPerSecond = 2, Burst = 3 } }, time);
        var ann = await world.Key("acme", "ann", CallerRole.Submitter);
        var ben = await world.Key("acme", "ben", CallerRole.Submitter);
        for (var i = 0; i < 3; i++) Assert.Equal(200, (await world.As(ann, "/v1/me")).Status);
        var refused = (await world.As(ann, "/v1/me")).Problem(429, "rate-exceeded");
        Assert.Equal("1", refused.RetryAfter);
        Assert.Equal(200, (await world.As(ben, "/v1/me")).Status);
        time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 2; i++) Assert.Equal(200, (await world.As(ann, "/v1/me")).Status);
        (await world.As(ann, "/v1/me")).Problem(429, "rate-exceeded");
    }

    [Fact]
    public async Task A_key_has_so_many_streams_and_gets_a_place_back_when_one_ends()
    {
        await using var world = await World.Start(World.Guarded with { Limits = new LimitOptions { StreamsPerKey = 1 } });
        var (ann, ben) = (await world.Key("acme", "ann", CallerRole.Submitter), await world.Key("acme", "ben", CallerRole.Submitter));
        var goal = (await world.As(ann, HttpMethod.Post, "/v1/goals", """{"text":"ask"}""")).Json.GetProperty("goal").GetString();
        var stream = await world.Open($"/v1/goals/{goal}/events", ("Authorization", $"Bearer {ann}"));
        (await world.As(ann, $"/v1/goals/{goal}/events")).Problem(429, "streams-too-many");
        (await world.Open($"/v1/goals/{goal}/events", ("Authorization", $"Bearer {ben}"))).Dispose();
        stream.Dispose();
        Assert.Equal(200, (await World.Unless(429, () => world.As(ann, $"/v1/goals/{goal}/events?follow=false"))).Status);
    }

    [Fact]
    public async Task A_tenant_that_spent_its_tokens_submits_no_more_today()
    {
        var time = new EngineConformance.ManualTime();
        var usage = new Spending();
        await using var world = await World.Start(
            World.Guarded with { Limits = new LimitOptions { TokensPerDay = 100, TokensOfTenants = new Dictionary<string, long> { ["rich"] = 0 } } }, time, usage: usage);
        var (ann, rich) = (await world.Key("acme", "ann", CallerRole.Submitter), await world.Key("rich", "rob", CallerRole.Submitter));
        usage.Tokens = 99;
        var first = await Submit(ann);
        Assert.Equal(201, first.Status);
        usage.Tokens = 100;
        time.Advance(TenantBudget.Belief);
        var refused = (await Submit(ann)).Problem(429, "tenant-budget-spent");
        (await world.As(ann, HttpMethod.Post, $"/v1/goals/{first.Json.GetProperty("goal").GetString()}/fork", """{"fromStep":"a"}""")).Problem(429, "tenant-budget-spent");
        Assert.InRange(int.Parse(refused.RetryAfter!, null), 1, 86_400);
        Assert.Equal(201, (await Submit(rich)).Status);
        Assert.Equal(200, (await world.As(ann, "/v1/goals")).Status);

        Task<Answer> Submit(string key) => world.As(key, HttpMethod.Post, "/v1/goals", """{"text":"ask"}""");
    }

    [Fact]
    public async Task A_repeated_request_is_answered_as_the_first_was_and_done_once()
    {
        await using var world = await World.Start(World.Guarded);
        const string body = """{"name":"ann","roles":["submitter"]}""";
        var first = await Create("k-1", body);
        var again = await Create("k-1", body);
        Assert.Equal((201, first.Text), (again.Status, again.Text));
        (await Create("k-1", """{"name":"ben","roles":["admin"]}""")).Problem(422, "idempotency-key-reused");
        (await Create("a\u0001b", body)).Problem(400, "idempotency-key-invalid");
        Assert.Equal(422, (await Create("k-2", """{"name":"ann","roles":[]}""")).Status);
        Assert.Equal(422, (await Create("k-2", """{"name":"ann","roles":[]}""")).Status);
        Assert.NotEqual(first.Text, (await Create("k-3", body)).Text);
        Assert.Equal(2, (await world.As(World.Admin, "/v1/keys")).Json.GetArrayLength());

        Task<Answer> Create(string key, string json) => world.Post("/v1/keys", json, ("Authorization", $"Bearer {World.Admin}"), ("Idempotency-Key", key));
    }

    [Fact]
    public async Task An_answer_without_a_body_is_repeated_without_one()
    {
        await using var world = await World.Start(listens: true);
        var goal = await world.Submit("ask");
        for (var i = 0; i < 2; i++)
        {
            var answer = await world.Post($"/v1/goals/{goal}/messages", """{"text":"news"}""", ("Idempotency-Key", "k-1"));
            Assert.Equal((204, ""), (answer.Status, answer.Text));
        }
    }

    [Fact]
    public async Task Work_with_a_key_goes_on_without_its_client_who_finds_its_answer_later()
    {
        Gate? gate = null;
        await using var world = await World.Start(decorate: mesh => gate = new Gate(mesh));
        var goal = await world.Submit("ask");
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/goals/{goal}/messages") { Content = new StringContent("""{"text":"news"}""", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "k-1");
        var sent = world.Client.SendAsync(request, leaving.Token);
        await gate!.Arrived;
        // Without a network between them the server hears of it at once.
        await leaving.CancelAsync();
        Assert.False(gate.Token.IsCancellationRequested);
        (await Tell()).Problem(409, "idempotency-in-flight");
        gate.Open();
        await sent.ContinueWith(_ => { }, World.Ct, TaskContinuationOptions.None, TaskScheduler.Default);
        var again = await World.Unless(409, Tell);
        Assert.Equal((204, 1), (again.Status, gate.Through));

        Task<Answer> Tell() => world.Post($"/v1/goals/{goal}/messages", """{"text":"news"}""", ("Idempotency-Key", "k-1"));
    }

    [Fact]
    public async Task Large_bodies_share_their_memory_and_small_ones_pass()
    {
        Gate? gate = null;
        await using var world = await World.Start(
            new GatewayOptions { Auth = World.Unasked, Limits = new LimitOptions { BodyBytes = 3 * 1024 * 1024 } }, decorate: mesh => gate = new Gate(mesh));
        var first = Submit("gate", 5);
        await gate!.Arrived;
        Assert.Equal("1", (await Submit("work", 2)).Problem(503, "overloaded").RetryAfter);
        using var form = new MultipartFormDataContent { { new StringContent("work"), "text" }, { new ByteArrayContent(new byte[2 * 1024 * 1024]), "file", "a.txt" } };
        (await world.Send(HttpMethod.Post, "/v1/goals", form)).Problem(503, "overloaded");
        Assert.Equal(201, (await Submit("work", 0)).Status);
        gate.Open();
        // One alone has a place, however large; and a place that was given back is free.
        Assert.Equal(201, (await first).Status);
        Assert.Equal(201, (await World.Unless(503, () => Submit("work", 2))).Status);

        Task<Answer> Submit(string text, int megabytes) => world.Post(
            "/v1/goals", $$"""{"text":"{{text}}","attachments":[{"name":"a.txt","content":"{{Convert.ToBase64String(Enumerable.Repeat((byte)'a', megabytes * 768 * 1024 + 3).ToArray())}}"}]}""");
    }

    [Fact]
    public async Task A_goal_that_waits_holds_no_memory_of_its_body()
    {
        Awaited? goals = null;
        await using var world = await World.Start(
            new GatewayOptions { Auth = World.Unasked, Limits = new LimitOptions { BodyBytes = 3 * 1024 * 1024 } }, decorate: mesh => goals = new Awaited(mesh));
        var filler = new string('x', 2 * 1024 * 1024);
        List<Task<Answer>> held = [];
        for (var i = 1; i <= 2; i++)
        {
            held.Add(world.Post("/v1/chat/completions", $$"""{"model":"agentmesh","user":"{{filler}}","messages":[{"role":"user","content":"hold"}]}"""));
            // Whoever waits for a goal has let its body go; one that is refused waits for none.
            var awaited = goals!.Next();
            Assert.Same(awaited, await Task.WhenAny(awaited, held[^1]));
        }

        world.Release();
        foreach (var one in held) Assert.Equal(200, (await one).Status);
    }

    [Fact]
    public async Task Who_may_not_submit_sends_nothing_large_to_any_protocol()
    {
        await using var world = await World.Start(World.Guarded with { MaxBodyBytes = 2000 });
        var (ann, bob) = (await world.Key("acme", "ann", CallerRole.Submitter), await world.Key("acme", "bob", CallerRole.Approver));
        var filler = new string('x', 3000);
        foreach (var path in new[] { "/mcp", "/a2a" })
        {
            var body = $$"""{"jsonrpc":"2.0","id":1,"method":"nothing","params":{"x":"{{filler}}"} }""";
            Assert.Contains("body-too-large", (await world.As(bob, HttpMethod.Post, path, body)).Text, StringComparison.Ordinal);
            Assert.Contains("-32601", (await world.As(ann, HttpMethod.Post, path, body)).Text, StringComparison.Ordinal);
        }

        var run = $$"""{"threadId":"t","runId":"r","messages":[],"state":"{{filler}}"}""";
        Assert.Equal((413, 422), ((await world.As(bob, HttpMethod.Post, "/ag-ui", run)).Status, (await world.As(ann, HttpMethod.Post, "/ag-ui", run)).Status));
    }

    [Fact]
    public void The_first_of_two_is_waited_for_and_what_failed_may_be_tried_again()
    {
        var time = new EngineConformance.ManualTime();
        var answers = new Idempotency(time);
        Assert.Null(answers.Begin("a", "x"u8));
        Assert.Equal((409, "idempotency-in-flight"), Code(() => answers.Begin("a", "x"u8)));
        Assert.Equal((422, "idempotency-key-reused"), Code(() => answers.Begin("a", "y"u8)));
        answers.End("a", null);
        Assert.Null(answers.Begin("a", "y"u8));
        var kept = new KeptAnswer(204, null, null, Array.Empty<byte>());
        answers.End("a", kept);
        Assert.Same(kept, answers.Begin("a", "y"u8));
        time.Advance(Idempotency.Kept);
        Assert.Null(answers.Begin("a", "z"u8));

        static (int, string) Code(Action act)
        {
            var problem = Assert.Throws<Http.ProblemException>(act);
            return (problem.Status, problem.Code);
        }
    }

    [Theory]
    [InlineData("AGENTMESH_RATE", "-1")]
    [InlineData("AGENTMESH_RATE_BURST", "many")]
    [InlineData("AGENTMESH_STREAMS", "1.5")]
    [InlineData("AGENTMESH_BODIES", "512 MiB")]
    [InlineData("AGENTMESH_TENANT_TOKENS", "acme=lots")]
    public void A_limit_that_cannot_be_meant_is_refused(string name, string value) =>
        Assert.Contains(name, Assert.Throws<FormatException>(() => LimitOptions.Read(n => n == name ? value : null)).Message, StringComparison.Ordinal);

    [Fact]
    public void Limits_come_from_the_settings_and_of_tenants_one_by_one()
    {
        var settings = new Dictionary<string, string> { ["AGENTMESH_RATE"] = "7", ["AGENTMESH_TENANT_TOKENS"] = "1000, acme=5, a=b=0" };
        var limits = LimitOptions.Read(settings.GetValueOrDefault);
        Assert.Equal((7, 200, 100), (limits.RequestsPerSecond, limits.Burst, limits.StreamsPerKey));
        Assert.Equal((1000, 5, 0), (limits.TokensOf("initech"), limits.TokensOf("acme"), limits.TokensOf("a=b")));
        Assert.Equal(0, LimitOptions.Read(_ => null).TokensOf("acme"));
    }

    private sealed class Spending : IUsage
    {
        public long Tokens { get; set; }

        public Task<IReadOnlyList<UsageDay>> Read(UsageQuery query, CancellationToken ct = default) =>
            Task.FromResult<IReadOnlyList<UsageDay>>([new UsageDay(query.From, query.Tenant!, 1, 0, 0, 0, [new ModelUsage("m", Usage.None with { InputTokens = Tokens })])]);
    }
}
