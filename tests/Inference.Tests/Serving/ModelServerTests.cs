using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using AgentMesh.Inference.Remote;
using AgentMesh.Inference.Serving;
using AgentMesh.ScriptedModel;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests.Serving;

public sealed class ModelServerTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly ManualEngine _engine = new();

    public void Dispose() => _engine.Dispose();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ModelServer Server(int slots = 1, Func<ModelServerOptions, ModelServerOptions>? change = null, IServingObserver? observer = null)
    {
        var options = new ModelServerOptions("gpu0", "m", slots);
        return new ModelServer(change?.Invoke(options) ?? options, _engine, _time, observer);
    }

    private static Task<InferenceReply> Ask(ModelServer server, string prompt, string tenant = "a", InferencePriority priority = InferencePriority.Normal) =>
        server.Answer(ManualEngine.Request(prompt, tenant, priority), Ct);

    [Fact]
    public async Task Requests_beyond_the_slots_wait_their_turn()
    {
        using var server = Server(slots: 2);
        var answers = Enumerable.Range(0, 3).Select(i => Ask(server, $"p{i}")).ToList();
        var first = await _engine.Next();
        await _engine.Next();
        Assert.Equal((2, 1), (server.Stats.Busy, server.Stats.Queued));
        Assert.False(_engine.HasBegun);
        first.Reply("one");
        Assert.Equal("one", (await answers[0]).Answer!.FromWire().Text);
        Assert.Equal("p2", (await _engine.Next()).Prompt);
    }

    [Fact]
    public async Task A_greedy_tenant_cannot_starve_another()
    {
        using var server = Server();
        for (var i = 0; i < 50; i++) _ = Ask(server, $"greedy{i}", "greedy");
        _ = Ask(server, "modest", "modest");
        List<string> order = [];
        for (var i = 0; i < 3; i++)
        {
            var call = await _engine.Next();
            order.Add(call.Prompt);
            call.Reply();
        }

        Assert.Contains("modest", order);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_says_when_to_come_back()
    {
        using var server = Server(change: o => o with { QueueLimit = 2 });
        var running = Ask(server, "p0");
        var call = await _engine.Next();
        var waiting = new[] { Ask(server, "p1"), Ask(server, "p2") };
        var error = (await Ask(server, "p3")).Error!;
        Assert.Equal((InferenceErrorKind.QueueFull, true), (error.Kind, error.Retryable));
        Assert.NotNull(error.RetryAfter);
        // Another tenant finds room: the one with the longest queue gives it.
        var other = Ask(server, "q", "b");
        Assert.Equal(InferenceErrorKind.QueueFull, (await waiting[1]).Error!.Kind);
        call.Reply();
        (await _engine.Next()).Reply();
        (await _engine.Next()).Reply();
        Assert.All(await Task.WhenAll(running, waiting[0], other), r => Assert.NotNull(r.Answer));
        Assert.Equal(2, server.Stats.Refused);
    }

    [Fact]
    public async Task Priority_is_a_head_start_and_not_a_right_of_way()
    {
        using var server = Server();
        _ = Ask(server, "running");
        var call = await _engine.Next();
        _ = Ask(server, "background", priority: InferencePriority.Background);
        _time.Advance(TimeSpan.FromSeconds(11));
        _ = Ask(server, "later", priority: InferencePriority.Normal);
        _ = Ask(server, "person", priority: InferencePriority.Interactive);
        List<string> order = [];
        for (var i = 0; i < 3; i++)
        {
            call.Reply();
            call = await _engine.Next();
            order.Add(call.Prompt);
        }

        Assert.Equal(["person", "background", "later"], order);
    }

    [Fact]
    public async Task A_deadline_that_passes_in_the_queue_ends_the_wait_at_once()
    {
        using var server = Server();
        _ = Ask(server, "running");
        await _engine.Next();
        var late = server.Answer(ManualEngine.Request("late", within: TimeSpan.FromSeconds(5)), Ct);
        _time.Advance(TimeSpan.FromSeconds(5));
        var error = (await late).Error!;
        Assert.Equal((InferenceErrorKind.TimedOut, false, false), (error.Kind, error.Retryable, error.TokensMayBeSpent));
        Assert.Contains("waited", error.Message, StringComparison.Ordinal);
        Assert.Equal((1, 0), (server.Stats.Busy, server.Stats.Queued));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_deadline_that_passes_at_work_frees_the_slot(bool obedient)
    {
        var engine = new ManualEngine { Obedient = obedient };
        using var server = new ModelServer(new ModelServerOptions("gpu0", "m", 1), engine, _time);
        var late = server.Answer(ManualEngine.Request("late", within: TimeSpan.FromSeconds(5)), Ct);
        await engine.Next();
        var next = server.Answer(ManualEngine.Request("next"), Ct);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True((await late).Error!.TokensMayBeSpent);
        (await engine.Next()).Reply();
        Assert.NotNull((await next).Answer);
    }

    [Fact]
    public async Task A_cancelled_stream_that_nobody_reads_gives_its_slot_back()
    {
        using var server = Server();
        using var cancel = new CancellationTokenSource();
        await using var stream = server.Stream(ManualEngine.Request("read no further"), cancel.Token).GetAsyncEnumerator(Ct);
        var move = stream.MoveNextAsync();
        (await _engine.Next()).Part("one");
        Assert.True(await move);
        await cancel.CancelAsync();
        Assert.Equal(0, server.Stats.Busy);
    }

    [Fact]
    public async Task A_stream_passes_through_and_is_counted()
    {
        var observer = new Heard();
        using var server = Server(observer: observer);
        var read = Read(server.Stream(ManualEngine.Request(), Ct));
        var call = await _engine.Next();
        _time.Advance(TimeSpan.FromSeconds(2));
        call.Part("one ");
        call.Part("two");
        call.Usage(10, 20);
        call.End();
        var updates = await read;
        Assert.Equal("one two", updates.Where(u => !u.Last).Select(u => u.FromWire()).ToChatResponse().Text);
        Assert.True(updates[^1].Last);
        var stats = server.Stats;
        Assert.Equal((1, 10, 20, 2.0), (stats.Answered, stats.InputTokens, stats.OutputTokens, stats.TokensPerSecond));
        Assert.Equal(TimeSpan.FromSeconds(2), stats.FirstTokenP50);
        Assert.Equal(new TenantStats("a", 0, 0, 1, 10, 20), Assert.Single(stats.Tenants));
        Assert.Equal(["started a", "ended Answered 20"], observer.Lines);
    }

    [Fact]
    public async Task A_stream_that_fails_says_so_as_data()
    {
        using var server = Server();
        var read = Read(server.Stream(ManualEngine.Request(), Ct));
        var call = await _engine.Next();
        call.Part("half");
        call.End(new ModelException(ModelErrorKind.Unavailable, "The model server went away."));
        var updates = await read;
        Assert.Equal(InferenceErrorKind.Unavailable, updates[^1].Error!.Kind);
        Assert.False(updates[^1].Last);
        Assert.Equal((1, 0), (server.Stats.Failed, server.Stats.Busy));
    }

    [Fact]
    public async Task An_engine_s_own_exception_tells_nothing_of_its_text()
    {
        using var server = Server();
        var answer = Ask(server, "p");
        (await _engine.Next()).Fail(new InvalidOperationException("prompt: my secret"));
        var error = (await answer).Error!;
        Assert.Equal(InferenceErrorKind.Unavailable, error.Kind);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_model_and_nonsense_are_refused()
    {
        using var server = Server();
        Assert.Equal(InferenceErrorKind.OtherModel, (await server.Answer(ManualEngine.Request() with { Model = "other" }, Ct)).Error!.Kind);
        var nonsense = ManualEngine.Request() with { Messages = [new InferenceMessage("user", [new InferencePart.Data("not a data uri")])] };
        Assert.Equal(InferenceErrorKind.Rejected, (await server.Answer(nonsense, Ct)).Error!.Kind);
        Assert.Equal(2, server.Stats.Refused);
    }

    [Fact]
    public async Task Draining_hands_back_what_waits_and_lets_what_runs_end()
    {
        using var server = Server();
        var running = Ask(server, "running");
        var call = await _engine.Next();
        var waiting = Ask(server, "waiting");
        var drain = server.Drain(TimeSpan.FromSeconds(30), Ct);
        Assert.Equal((InferenceErrorKind.Draining, false), ((await waiting).Error!.Kind, (await waiting).Error!.TokensMayBeSpent));
        Assert.StartsWith("refused: draining", (await Ask(server, "new")).Error!.Message, StringComparison.Ordinal);
        Assert.False(drain.IsCompleted);
        call.Reply();
        Assert.NotNull((await running).Answer);
        Assert.Equal(new DrainReport(1, 0), await drain);
    }

    [Fact]
    public async Task What_runs_past_the_limit_of_a_drain_is_cut_and_may_be_repeated()
    {
        using var server = Server();
        var running = Ask(server, "running");
        await _engine.Next();
        var drain = server.Drain(TimeSpan.FromSeconds(30), Ct);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(new DrainReport(0, 1), await drain);
        var error = (await running).Error!;
        Assert.Equal((InferenceErrorKind.Draining, true, true), (error.Kind, error.Retryable, error.TokensMayBeSpent));
    }

    [Fact]
    public async Task It_serves_a_model_server_on_this_machine()
    {
        await using var f = Fixture.With(Reply.Text("hello"), Reply.Error(503, "loading"));
        using var server = new ModelServer(new ModelServerOptions("cpu", "m", 1), f.Chain.Chat(ModelNeed.Large)!, f.Time);
        Assert.Equal("hello", (await Ask(server, "p")).Answer!.FromWire().Text);
        Assert.Equal(503, (await Ask(server, "p")).Error!.StatusCode);
    }

    [Fact]
    public async Task A_thousand_requests_ended_at_random_leak_no_slot()
    {
        const int slots = 8;
        var engine = new ManualEngine { Auto = async p => { for (var i = 0; i < p.Length % 7; i++) await Task.Yield(); return p; } };
        using var server = new ModelServer(new ModelServerOptions("gpu0", "m", slots) { QueueLimit = 100 }, engine, TimeProvider.System);
        var random = new Random(7);
        var calls = Enumerable.Range(0, 1000).Select(i => (Yields: random.Next(60), Cancel: random.Next(10) < 7, Stream: random.Next(2) == 0, Prompt: new string('x', random.Next(1, 50)))).ToList();
        await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Ct }, async (call, _) =>
        {
            using var cancel = new CancellationTokenSource();
            var request = ManualEngine.Request(call.Prompt, $"t{call.Yields % 5}");
            var work = call.Stream ? Read(server.Stream(request, cancel.Token)) : (Task)server.Answer(request, cancel.Token);
            for (var i = 0; i < call.Yields; i++) await Task.Yield();
            if (call.Cancel) await cancel.CancelAsync();
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.True(work.IsCompletedSuccessfully || call.Cancel);
        });
        var stats = server.Stats;
        Assert.Equal((0, 0), (stats.Busy, stats.Queued));
        Assert.Equal(1000, stats.Answered + stats.Failed + stats.Refused + stats.Cancelled);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, slots).Select(_ => Ask(server, "again"))), r => Assert.NotNull(r.Answer));
    }

    private static async Task<List<InferenceUpdate>> Read(IAsyncEnumerable<InferenceUpdate> stream)
    {
        List<InferenceUpdate> updates = [];
        await foreach (var update in stream) updates.Add(update);
        return updates;
    }

    private sealed class Heard : IServingObserver
    {
        public List<string> Lines { get; } = [];
        public void Started(string device, string tenant, TimeSpan waited) => Lines.Add($"started {tenant}");
        public void Ended(ServedRequest request) => Lines.Add($"ended {request.Outcome} {request.OutputTokens}");
        public void Draining(string device, int handedBack) => Lines.Add($"draining {handedBack}");
    }
}
