using System.Collections.Concurrent;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Tools.Tickets;

public sealed class TicketCreateToolTests
{
    private const string Arguments = """{"title": "Charged twice", "body": "…", "category": "billing", "urgency": "high", "accountId": "AC-12345"}""";

    /// <summary>The contract of the ticket service, as small as it can be.</summary>
    private static Task<TestServer> Service(ConcurrentDictionary<string, string> tickets) => TestServer.Start(async http =>
    {
        var key = http.Request.Method == "POST" ? http.Request.Headers["Idempotency-Key"].ToString() : http.Request.Query["key"].ToString();
        if (http.Request.Method == "POST")
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync();
            http.Response.StatusCode = tickets.TryAdd(key, body) ? 201 : 200;
            if (tickets[key] != body) http.Response.StatusCode = 422;
        }
        else if (!tickets.ContainsKey(key))
        {
            http.Response.StatusCode = 404;
        }

        await http.Response.WriteAsync(http.Response.StatusCode < 300
            ? $$"""{"id": "T-1", "url": "http://tickets/T-1", "title": "Charged twice", "status": "open"}"""
            : """{"title": "No", "status": 422, "detail": "This key was used before."}""");
    });

    private static Task<TestServer> Always(int status, string body = "") => TestServer.Start(http =>
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync(body);
    });

    private static Task<TestServer> Busy(int status, string? retryAfter) => TestServer.Start(http =>
    {
        http.Response.StatusCode = status;
        if (retryAfter is not null) http.Response.Headers.RetryAfter = retryAfter;
        return http.Response.WriteAsync("the reason");
    });

    private static TicketCreateTool Tool(TestServer server) => new(new(server.Url), TimeProvider.System);

    [Fact]
    public async Task The_same_call_makes_one_ticket_however_often()
    {
        var tickets = new ConcurrentDictionary<string, string>();
        await using var server = await Service(tickets);
        var first = await Tool(server).Run(Arguments);
        var second = await Tool(server).Run(Arguments);
        Assert.Equal("""{"id":"T-1","url":"http://tickets/T-1","title":"Charged twice","key":"g-1/step/1"}""", first.GetRawText());
        Assert.Equal(first.GetRawText(), second.GetRawText());
        Assert.Equal(["g-1/step/1"], tickets.Keys);
        Assert.Contains("\"accountId\":\"AC-12345\"", tickets["g-1/step/1"], StringComparison.Ordinal);
        Assert.Contains("used before", (await Tool(server).Fails(Arguments.Replace("twice", "thrice", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_became_of_a_call_is_found_by_its_key()
    {
        await using var server = await Service(new());
        var ct = TestContext.Current.CancellationToken;
        Assert.IsType<Reconciliation.DidNotHappen>(await Tool(server).Reconcile(Calls.Of(Arguments), ct));
        await Tool(server).Run(Arguments);
        var happened = Assert.IsType<Reconciliation.Happened>(await Tool(server).Reconcile(Calls.Of(Arguments), ct));
        Assert.Equal("T-1", happened.Result.Value.Text("id"));
    }

    [Theory]
    [InlineData(400, FailureKind.Permanent, false)]
    [InlineData(401, FailureKind.Permanent, false)]
    [InlineData(422, FailureKind.Permanent, false)]
    [InlineData(409, FailureKind.Transient, true)]
    [InlineData(429, FailureKind.Transient, false)]
    [InlineData(500, FailureKind.Transient, true)]
    [InlineData(503, FailureKind.Transient, true)]
    [InlineData(200, FailureKind.Transient, true)]
    public async Task An_answer_says_whether_to_try_again_and_whether_a_ticket_may_exist(int status, FailureKind kind, bool effectPossible)
    {
        await using var server = await Always(status, "the reason");
        var exception = await Tool(server).Fails(Arguments);
        Assert.Equal(kind, exception.Kind);
        Assert.Equal(effectPossible, exception.EffectPossible);
        Assert.Contains("the reason", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(409, "7", 7, true)]
    [InlineData(409, null, null, true)]
    [InlineData(423, "0", 0, true)]
    [InlineData(425, "7", 7, true)]
    [InlineData(503, "Thu, 01 Jan 2026 00:01:00 GMT", 60, true)]
    [InlineData(429, "7", 7, false)]
    public async Task An_answer_that_the_request_is_in_flight_says_when_to_ask_again(int status, string? retryAfter, int? seconds, bool effectPossible)
    {
        await using var server = await Busy(status, retryAfter);
        var tool = new TicketCreateTool(new(server.Url), new ManualTime());
        var busy = Assert.IsType<ToolInFlightException>(await tool.Fails(Arguments));
        Assert.Equal(seconds, (int?)busy.RetryAfter?.TotalSeconds);
        Assert.Equal(effectPossible, busy.EffectPossible);
        Assert.Contains("the reason", busy.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ToolInFlightException>(() => tool.Reconcile(Calls.Of(Arguments), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(423)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task An_answer_that_names_no_time_promises_nothing(int status)
    {
        await using var server = await Busy(status, retryAfter: null);
        Assert.IsNotType<ToolInFlightException>(await Tool(server).Fails(Arguments));
    }

    [Fact]
    public async Task What_it_returns_is_what_it_promises()
    {
        await using var server = await Service(new());
        Assert.Empty(Agents.Schema.SchemaValidator.Validate(Tool(server).Descriptor.Result!.Value, await Tool(server).Run(Arguments)));
    }

    [Fact]
    public async Task A_lost_answer_leaves_the_ticket_possible_and_an_unreachable_service_does_not()
    {
        var server = await TestServer.Start(http =>
        {
            http.Abort();
            return Task.CompletedTask;
        });
        var tool = Tool(server);
        Assert.True((await tool.Fails(Arguments)).EffectPossible);
        await server.DisposeAsync();
        var exception = await tool.Fails(Arguments);
        Assert.Equal(FailureKind.Transient, exception.Kind);
        Assert.False(exception.EffectPossible);
        Assert.Contains("cannot be reached", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_hangs_is_given_up_with_the_ticket_possible()
    {
        var asked = new TaskCompletionSource();
        await using var server = await TestServer.Start(http =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, http.RequestAborted);
        });
        var time = new ManualTime();
        var call = new TicketCreateTool(new(server.Url), time).Fails(Arguments);
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(15));
        Assert.True((await call).EffectPossible);
    }

    [Fact]
    public async Task A_key_that_no_header_can_carry_is_hashed_alike_in_call_and_probe()
    {
        var tickets = new ConcurrentDictionary<string, string>();
        await using var server = await Service(tickets);
        await Tool(server).Run(Arguments, "größe/step/1");
        Assert.StartsWith("sha256-", Assert.Single(tickets.Keys), StringComparison.Ordinal);
        Assert.IsType<Reconciliation.Happened>(await Tool(server).Reconcile(Calls.Of(Arguments, "größe/step/1"), TestContext.Current.CancellationToken));
    }
}
