using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using AgentMesh.Inference.Budget;
using AgentMesh.ScriptedModel;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests;

public sealed class BudgetTests
{
    private static Task<ChatResponse> Ask(Fixture f, ITokenBudget budget) =>
        f.Chain.Chat(ModelNeed.Large, budget)!.GetResponseAsync("Hello", cancellationToken: TestContext.Current.CancellationToken);

    [Fact]
    public async Task Reported_usage_replaces_the_reservation()
    {
        await using var f = Fixture.With(Reply.Text("ok"), Reply.Streamed("ok"));
        var budget = new TokenBudget(10_000);
        await Ask(f, budget);
        Assert.Equal((18, 9_982), (budget.Used, budget.Left));
        await foreach (var _ in f.Chain.Chat(ModelNeed.Large, budget)!.GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken)) { }
        Assert.Equal((36, 9_964), (budget.Used, budget.Left));
    }

    [Fact]
    public async Task Over_budget_means_no_request()
    {
        await using var f = Fixture.With(Reply.Text("never"));
        var error = await Assert.ThrowsAsync<ModelException>(() => Ask(f, new TokenBudget(2_000)));
        Assert.Equal(ModelErrorKind.BudgetExceeded, error.Kind);
        Assert.Empty(f.Server.Requests);
    }

    [Fact]
    public async Task What_is_reserved_is_sent_as_the_answer_s_limit()
    {
        await using var f = Fixture.With(o => o with { MaxOutputTokens = 77 }, Reply.Text("ok"));
        await Ask(f, new TokenBudget(1_000));
        Assert.Equal(77, f.Server.Requests[0].Json.GetProperty("max_tokens").GetInt32());
    }

    [Fact]
    public async Task A_request_that_reached_no_model_costs_nothing()
    {
        await using var f = Fixture.With(Reply.Error(503, "a"), Reply.Error(400, "b"));
        var budget = new TokenBudget(10_000);
        for (var i = 0; i < 2; i++) await Assert.ThrowsAsync<ModelException>(() => Ask(f, budget));
        Assert.Equal((0, 10_000), (budget.Used, budget.Left));
    }

    [Fact]
    public async Task A_request_that_may_have_cost_is_charged_in_full()
    {
        await using var f = Fixture.With(o => o with { MaxOutputTokens = 100 }, Reply.Json("{}"), Reply.Stream().Delta("half").Reset());
        var budget = new TokenBudget(10_000);
        await Assert.ThrowsAsync<ModelException>(() => Ask(f, budget));
        Assert.InRange(budget.Used, 101, 120);
        await Assert.ThrowsAsync<ModelException>(async () =>
        {
            await foreach (var _ in f.Chain.Chat(ModelNeed.Large, budget)!.GetStreamingResponseAsync("Hello", cancellationToken: TestContext.Current.CancellationToken)) { }
        });
        Assert.InRange(budget.Used, 202, 240);
        Assert.Equal(10_000, budget.Used + budget.Left);
    }

    [Fact]
    public async Task Each_attempt_is_reserved_by_itself()
    {
        // Room for one attempt: the first is charged, since the model may have answered, and the second is not made.
        await using var f = Fixture.With(o => o with { MaxOutputTokens = 100, Retries = 3 }, Reply.Raw().Reset(), Reply.Text("never"));
        var answer = Assert.ThrowsAsync<ModelException>(() => Ask(f, new TokenBudget(150)));
        await f.Time.Timer(TimeSpan.FromSeconds(0.25));
        f.Time.Advance(TimeSpan.FromSeconds(0.25));
        Assert.Equal(ModelErrorKind.BudgetExceeded, (await answer).Kind);
        Assert.Single(f.Server.Requests);
    }

    [Fact]
    public async Task Without_reported_usage_the_charge_is_an_estimate()
    {
        await using var f = Fixture.With(Reply.Json("""{"choices":[{"message":{"content":"four little words here"}}]}"""));
        var budget = new TokenBudget(10_000);
        await Ask(f, budget);
        Assert.InRange(budget.Used, 5, 40);
    }

    [Fact]
    public async Task A_stream_given_up_half_way_gives_its_reservation_back_as_used()
    {
        await using var f = Fixture.With(o => o with { MaxOutputTokens = 100 }, Reply.Streamed("a", "b"));
        var budget = new TokenBudget(10_000);
        await foreach (var _ in f.Chain.Chat(ModelNeed.Large, budget)!.GetStreamingResponseAsync("Hello", cancellationToken: TestContext.Current.CancellationToken)) break;
        Assert.InRange(budget.Used, 101, 120);
        Assert.Equal(10_000, budget.Used + budget.Left);
    }

    [Fact]
    public async Task A_budget_never_promises_more_than_it_has()
    {
        var budget = new TokenBudget(1_000);
        var granted = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
            await budget.TryReserve(new TokenCount(30, 70), CancellationToken.None))));
        Assert.Equal(10, granted.Count(r => r is not null));
        Assert.Equal(0, budget.Left);
    }

    [Fact]
    public void The_estimate_grows_with_the_text() => Prop.ForAll<string?, string?>((a, b) =>
        TokenEstimate.Of(a + b) >= TokenEstimate.Of(a) && TokenEstimate.Of(a + b) * 3 >= (a + b).Length).QuickCheckThrowOnFailure();
}
