using System.Net;
using System.Text.Json.Nodes;

namespace AgentMesh.Samples.TicketService.Tests;

public sealed class TicketEndpointsTests
{
    private const string Invoice = """
        {"title":"Charged twice in March","body":"Invoice NW-2231 shows two charges.","category":"billing","urgency":"high","accountId":"AC-48213","customer":"Jörg Weiß"}
        """;

    [Fact]
    public async Task Created_ticket_is_found_at_its_location()
    {
        await using var service = await RunningService.StartAsync();

        var created = await service.PostAsync(Invoice);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var ticket = await created.JsonAsync();
        Assert.Equal(created.Headers.Location!.ToString(), ticket.Text("url"));
        var read = await service.Http.GetAsync(created.Headers.Location, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.True(JsonNode.DeepEquals(ticket, await read.JsonAsync()));
        Assert.Equal("Jörg Weiß", ticket.Text("customer"));
        Assert.Equal("AC-48213", ticket.Text("accountId"));
        Assert.Equal("open", ticket.Text("status"));
    }

    [Fact]
    public async Task Members_the_service_does_not_know_are_kept()
    {
        await using var service = await RunningService.StartAsync();

        var ticket = await (await service.PostAsync(
            """{"title":"t","body":"b","category":"technical","urgency":"low","tags":["api",1.50],"source":{"goal":"g-1"}}""")).JsonAsync();

        Assert.Equal("""["api",1.50]""", ticket["tags"]!.ToJsonString());
        Assert.Equal("g-1", ticket["source"]!.Text("goal"));
    }

    [Fact]
    public async Task Same_key_and_same_canonical_body_answers_the_same_ticket_again()
    {
        await using var service = await RunningService.StartAsync();
        const string key = "goal-7/create-ticket/1";

        var first = await service.PostAsync("""{"title":"t","body":"b","category":"billing","urgency":"low"}""", key);
        var second = await service.PostAsync("""{ "urgency": "low", "category": "billing", "body": "\u0062", "title": "t" }""", key);

        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.True(JsonNode.DeepEquals(await first.JsonAsync(), await second.JsonAsync()));
        Assert.Equal(["created", "replayed"], service.ReadLog().Select(line => line.Text("outcome")));
        Assert.All(service.ReadLog(), line => Assert.Equal(key, line.Text("key")));
    }

    [Fact]
    public async Task Same_key_with_another_body_is_refused_and_creates_nothing()
    {
        await using var service = await RunningService.StartAsync();
        await service.PostAsync(Invoice, "k");

        var refused = await service.PostAsync(Invoice.Replace("high", "low", StringComparison.Ordinal), "k");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        Assert.Equal("urn:agentmesh:ticket-service:idempotency-key-reused", (await refused.JsonAsync()).Text("type"));
        Assert.Equal(1, (int)(await (await service.GetAsync("/tickets")).JsonAsync())["count"]!);
        Assert.Equal("rejected", service.ReadLog()[^1].Text("outcome"));
    }

    [Fact]
    public async Task Key_in_flight_is_a_conflict_and_its_absence_is_not_yet_a_fact()
    {
        var time = new ManualTime();
        await using var service = await RunningService.StartAsync(time: time, options: new() { Delay = TimeSpan.FromSeconds(1) });
        var first = service.PostAsync(Invoice, "k");
        await time.TimerStarted;

        var second = await service.PostAsync(Invoice, "k");
        var probe = await service.GetAsync("/tickets?key=k");
        time.Fire();

        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, probe.StatusCode);
        Assert.NotNull(probe.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.Created, (await first).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/tickets?key=k")).StatusCode);
    }

    [Fact]
    public async Task Caller_that_hangs_up_still_gets_its_one_ticket()
    {
        var time = new ManualTime();
        await using var service = await RunningService.StartAsync(time: time, options: new() { Delay = TimeSpan.FromSeconds(1) });
        var first = service.PostAsync(Invoice, "k");
        await time.TimerStarted;

        service.Http.CancelPendingRequests();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        time.Fire();

        HttpResponseMessage again;
        do
            again = await service.PostAsync(Invoice, "k");
        while (again.StatusCode == HttpStatusCode.Conflict);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Single(service.ReadLog(), line => line.Text("outcome") == "created");
    }

    [Fact]
    public async Task Many_callers_with_one_key_make_one_ticket()
    {
        await using var service = await RunningService.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => service.PostAsync(Invoice, "k")));

        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.All(answers, a => Assert.Contains(a.StatusCode, new[] { HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict }));
        Assert.Single(service.ReadLog(), line => line.Text("outcome") == "created");
        Assert.Equal(32, service.ReadLog().Count);
    }

    [Fact]
    public async Task Lookup_by_key_finds_the_ticket_or_answers_404()
    {
        await using var service = await RunningService.StartAsync();
        var created = await (await service.PostAsync(Invoice, "goal/a b/1")).JsonAsync();

        var found = await service.GetAsync("/tickets?key=" + Uri.EscapeDataString("goal/a b/1"));
        var missing = await service.GetAsync("/tickets?key=other");

        Assert.Equal(created.Text("id"), (await found.JsonAsync()).Text("id"));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal("application/problem+json", missing.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Quoted_key_is_the_same_key()
    {
        await using var service = await RunningService.StartAsync();
        await service.PostAsync(Invoice, "k-1");

        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync(Invoice, "\"k-1\"")).StatusCode);
    }

    [Theory]
    [InlineData("[]", "$")]
    [InlineData("{", "$")]
    [InlineData("", "$")]
    [InlineData("""{"title":"a","title":"b","body":"b","category":"c","urgency":"low"}""", "$")]
    [InlineData("""{"title":" ","body":"b","category":"c","urgency":"low"}""", "title")]
    [InlineData("""{"title":"t","category":"c","urgency":"low"}""", "body")]
    [InlineData("""{"title":"t","body":"b","category":7,"urgency":"low"}""", "category")]
    [InlineData("""{"title":"t","body":"b","category":"c","urgency":"asap"}""", "urgency")]
    [InlineData("""{"title":"t","body":"b","category":"c","urgency":"low","id":"T-1"}""", "id")]
    public async Task Bad_input_is_named_member_by_member(string body, string member)
    {
        await using var service = await RunningService.StartAsync();

        var refused = await service.PostAsync(body, "k");

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = await refused.JsonAsync();
        Assert.Equal([member], problem["errors"]!.AsObject().Select(e => e.Key));
        var line = Assert.Single(service.ReadLog());
        Assert.Equal(("rejected", 400), (line.Text("outcome"), (int)line["status"]!));
        Assert.Equal(HttpStatusCode.Created, (await service.PostAsync(Invoice, "k")).StatusCode);
    }

    [Fact]
    public async Task Other_media_types_long_keys_and_huge_bodies_are_problems()
    {
        await using var service = await RunningService.StartAsync();

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await service.PostAsync(Invoice, contentType: "text/plain")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await service.PostAsync(Invoice, new string('k', 256))).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await service.PostAsync(new string(' ', 2_000_000))).StatusCode);
        Assert.All(service.ReadLog(), line => Assert.Equal("rejected", line.Text("outcome")));
    }

    [Fact]
    public async Task Browser_gets_a_page_in_which_hostile_text_is_only_text()
    {
        await using var service = await RunningService.StartAsync();
        var ticket = await (await service.PostAsync(
            """{"title":"<script>alert(1)</script>","body":"a & b","category":"c","urgency":"low"}""")).JsonAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, ticket.Text("url"));
        request.Headers.Add("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

        var page = await service.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/tickets/T-9", HttpStatusCode.NotFound)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_is_a_problem_document(string path, HttpStatusCode status)
    {
        await using var service = await RunningService.StartAsync();

        var response = await service.GetAsync(path);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Health_is_ok()
    {
        await using var service = await RunningService.StartAsync();

        Assert.Equal("ok", (await (await service.GetAsync("/healthz")).JsonAsync()).Text("status"));
    }
}
