using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Tests;

/// <summary>Knowledge, catalogue, cluster, health, and a mesh that cannot be reached.</summary>
public sealed class OperationTests
{
    [Fact]
    public async Task Documents_are_added_listed_and_found()
    {
        await using var world = await World.Start();
        Assert.Equal(204, (await world.Post("/v1/knowledge", """{"collection":"faq","name":"refunds.md","text":"Refunds take five days."}""")).Status);
        Assert.Equal("refunds.md", Assert.Single((await world.Get("/v1/knowledge")).Json.EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("faq", Assert.Single((await world.Get("/v1/knowledge/search?q=refunds&collection=faq&limit=3")).Json.EnumerateArray()).GetProperty("collection").GetString());
        Assert.Empty((await world.Get("/v1/knowledge?tenant=other")).Json.EnumerateArray());
        (await world.Post("/v1/knowledge", """{"collection":"faq","name":"","text":"x"}""")).Problem(422, "name-invalid");
        (await world.Post("/v1/knowledge", """{"collection":"faq","name":"a"}""")).Problem(400, "json-invalid");
        (await world.Post("/v1/knowledge", """{"collection":"faq","name":"a","text":""}""")).Problem(422, "text-empty");
    }

    [Fact]
    public async Task The_catalogue_and_the_cluster_are_shown()
    {
        await using var world = await World.Start();
        Assert.Equal("worker", (await world.Get("/v1/roles")).Json[0].GetProperty("name").GetString());
        Assert.Equal("note.send", (await world.Get("/v1/tools")).Json[0].GetProperty("name").GetString());
        Assert.Equal(0, (await world.Get("/v1/playbooks")).Json.GetArrayLength());
        Assert.Equal(2, (await world.Get("/v1/cluster")).Json.GetProperty("silos").GetArrayLength());
        Assert.Equal("00:05:00", (await world.Get("/v1/activity?window=300")).Json.GetProperty("bucket").GetString());
        Assert.Equal(202, (await world.Send(HttpMethod.Post, "/v1/cluster/silos/b/drain", null)).Status);
        Assert.Equal(["b"], world.Machines.Drained);
        (await world.Send(HttpMethod.Post, "/v1/cluster/silos/a/drain", null)).Problem(409, "last-silo");
    }

    [Fact]
    public async Task A_running_host_is_healthy()
    {
        await using var world = await World.Start();
        foreach (var probe in new[] { "startup", "ready", "live" })
            Assert.True((await world.Get($"/health/{probe}")).Json.GetProperty("healthy").GetBoolean());
    }

    [Theory]
    [InlineData("overloaded", 503)]
    [InlineData("journal-unavailable", 503)]
    [InlineData("submit-refused", 409)]
    [InlineData("something-new", 422)]
    public async Task What_the_mesh_refuses_keeps_its_code(string code, int status)
    {
        await using var world = await World.Start(decorate: mesh => new Refusing(mesh, () => new MeshException(code, "Not now.")));
        var answer = await world.Post("/v1/goals", """{"text":"work"}""");
        answer.Problem(status, code);
        Assert.Equal("Not now.", answer.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_defect_is_500_and_says_nothing_of_the_inside_and_an_outage_is_503()
    {
        await using var broken = await World.Start(decorate: mesh => new Refusing(mesh, () => new InvalidOperationException("secret")));
        Assert.DoesNotContain("secret", (await broken.Post("/v1/goals", """{"text":"work"}""")).Problem(500, "broken").Text, StringComparison.Ordinal);
        await using var away = await World.Start(
            new GatewayOptions { Auth = World.Unasked, IsOutage = e => e is TimeoutException }, decorate: mesh => new Refusing(mesh, () => new TimeoutException("The store is away.")));
        (await away.Post("/v1/goals", """{"text":"work"}""")).Problem(503, "store-unavailable");
    }

    private sealed class Refusing(IMesh inner, Func<Exception> error) : IMesh
    {
        public Task<GoalId> Fork(GoalId goal, ForkRequest request, GoalId? fork = null, CancellationToken ct = default) => throw error();
        public Task<GoalId> Submit(GoalSpec spec, GoalId? goal = null, CancellationToken ct = default) => throw error();
        public Task<GoalView> Get(GoalId goal, CancellationToken ct = default) => inner.Get(goal, ct);
        public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => inner.List(query, ct);
        public IAsyncEnumerable<JournalEntry> Events(GoalId goal, long after = 0, bool follow = false, CancellationToken ct = default) => inner.Events(goal, after, follow, ct);
        public Task<GoalView> Wait(GoalId goal, CancellationToken ct = default) => inner.Wait(goal, ct);
        public Task Decide(GoalId goal, ApprovalDecided decision, CancellationToken ct = default) => inner.Decide(goal, decision, ct);
        public Task Answer(GoalId goal, QuestionAnswered answer, CancellationToken ct = default) => inner.Answer(goal, answer, ct);
        public Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default) => inner.Tell(goal, message, ct);
        public Task Cancel(GoalId goal, CancelRequested request, CancellationToken ct = default) => inner.Cancel(goal, request, ct);
    }
}
