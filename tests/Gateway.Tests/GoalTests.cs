using System.Text;

namespace AgentMesh.Gateway.Tests;

/// <summary>A goal over HTTP, from its submission to its end.</summary>
public sealed class GoalTests
{
    [Fact]
    public async Task A_submitted_goal_is_found_where_the_answer_says_and_ends()
    {
        await using var world = await World.Start();
        var made = await world.Post("/v1/goals", """{"text":"work","submittedBy":"ann","constraints":{"maxSteps":5,"approvals":"never"}}""");
        Assert.Equal(201, made.Status);
        Assert.Equal($"/v1/goals/{made.Json.GetProperty("goal").GetString()}", made.Location);
        var view = (await world.Get(made.Location + "/wait?timeout=60")).Json;
        Assert.Equal("Completed", view.GetProperty("status").GetString());
        Assert.Equal("ann", view.GetProperty("spec").GetProperty("submittedBy").GetString());
        var constraints = view.GetProperty("spec").GetProperty("constraints");
        // What the request leaves out has its default, beside what it gives.
        Assert.Equal((5, 3, "Never"), (constraints.GetProperty("maxSteps").GetInt32(), constraints.GetProperty("maxReplans").GetInt32(), constraints.GetProperty("approvals").GetString()));
        Assert.Equal(view.GetProperty("lastSequence").GetInt64(), (await world.Get(made.Location!)).Json.GetProperty("lastSequence").GetInt64());
        Assert.Contains((await world.Get(made.Location + "/explain")).Json.EnumerateArray(), d => d.GetProperty("kind").GetString() == "plan");
        Assert.All((await world.Get(made.Location + "/explain?step=a")).Json.EnumerateArray(), d => Assert.Equal("a", d.GetProperty("step").GetString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Attachments_become_untrusted_inputs(bool form)
    {
        await using var world = await World.Start();
        var mail = Encoding.UTF8.GetBytes("From: a@example.com\nSubject: Hello\n\nIs anybody there?\n");
        Answer made;
        if (form)
        {
            using var parts = new MultipartFormDataContent { { new StringContent("work"), "text" }, { new ByteArrayContent(mail), "file", "mail.eml" } };
            parts.Add(new ByteArrayContent("a,b\n1,2\n"u8.ToArray()), "table", "t.csv");
            made = await world.Send(HttpMethod.Post, "/v1/goals", parts);
        }
        else
        {
            made = await world.Post("/v1/goals", $$"""
                {"text":"work","attachments":[{"name":"C:\\in\\mail.eml","content":"{{Convert.ToBase64String(mail)}}"},{"name":"t.csv","kind":"table","content":"{{Convert.ToBase64String("a,b\n1,2\n"u8)}}"}]}
                """);
        }

        Assert.Equal((201, ""), (made.Status, made.Status == 201 ? "" : made.Text));
        var inputs = (await world.Get(made.Location!)).Json.GetProperty("spec").GetProperty("inputs").EnumerateArray().ToList();
        Assert.Equal(["email", "table"], inputs.Select(i => i.GetProperty("kind").GetString()));
        Assert.Equal("mail.eml", inputs[0].GetProperty("origin").GetProperty("source").GetString());
        // Untrusted is what an artifact is that says nothing else.
        Assert.All(inputs, i => Assert.False(i.TryGetProperty("trust", out _)));
    }

    [Fact]
    public async Task An_attachment_that_cannot_be_read_is_a_problem_and_makes_no_goal()
    {
        await using var world = await World.Start();
        (await world.Post("/v1/goals", """{"text":"work","attachments":[{"name":"x.bin","content":"AAECAwQ="}]}""")).Problem(422, "attachment-unreadable");
        var note = Convert.ToBase64String("just words"u8);
        (await world.Post("/v1/goals", $$"""{"text":"work","attachments":[{"name":"x.txt","content":"{{note}}","kind":"table"}]}""")).Problem(422, "attachment-unreadable");
        (await world.Post("/v1/goals", """{"text":"work","attachments":[{"name":"x.txt","content":"not base64!"}]}""")).Problem(400, "json-invalid");
        Assert.Empty((await world.Get("/v1/goals")).Json.GetProperty("goals").EnumerateArray());
    }

    [Fact]
    public async Task A_repeated_submit_under_its_key_or_id_meets_the_goal_that_it_made_and_another_body_is_refused()
    {
        await using var world = await World.Start();
        var first = await world.Post("/v1/goals", """{"text":"work"}""", ("Idempotency-Key", "k-1"));
        var again = await world.Post("/v1/goals", """{ "text" : "work" }""", ("Idempotency-Key", "k-1"));
        Assert.Equal((201, 201, first.Text), (first.Status, again.Status, again.Text));
        (await world.Post("/v1/goals", """{"text":"play"}""", ("Idempotency-Key", "k-1"))).Problem(422, "idempotency-key-reused");
        Assert.NotEqual(first.Text, (await world.Post("/v1/goals", """{"text":"work","tenant":"other"}""", ("Idempotency-Key", "k-1"))).Text);

        var named = await world.Post("/v1/goals", """{"text":"work","goal":"my-own-goal-1"}""");
        Assert.Equal(named.Text, (await world.Post("/v1/goals", """{"text":"work","goal":"my-own-goal-1"}""")).Text);
        (await world.Post("/v1/goals", """{"text":"work","goal":"my-own-goal-1","tenant":"thief"}""")).Problem(422, "idempotency-key-reused");
        (await world.Post("/v1/goals", """{"text":"work","goal":"Bad/Id-here"}""")).Problem(422, "goal-id-invalid");
        (await world.Post("/v1/goals", """{"text":"work","goal":"my-own-goal-2"}""", ("Idempotency-Key", "k-2"))).Problem(400, "idempotency-key-invalid");
        Assert.Equal(3, (await world.Get("/v1/goals")).Json.GetProperty("goals").GetArrayLength());
    }

    [Fact]
    public async Task Consent_is_asked_for_and_decided_once()
    {
        await using var world = await World.Start();
        var goal = await world.Submit("call");
        var waiting = (await world.Get($"/v1/goals/{goal}/wait")).Json;
        Assert.Equal("Waiting", waiting.GetProperty("status").GetString());
        var request = waiting.GetProperty("openApprovals")[0].GetProperty("request").GetString();
        var decision = $"/v1/goals/{goal}/requests/{request}/decision";

        (await world.Post(decision, """{"verdict":"perhaps"}""")).Problem(422, "verdict-invalid");
        (await world.Post(decision, """{"verdict":"edit"}""")).Problem(422, "arguments-missing");
        (await world.Post(decision, """{"verdict":"edit","arguments":{"words":1}}""")).Problem(422, "arguments-invalid");
        (await world.Post(decision, """{"verdict":"edit","arguments":{"text":"\ud800"}}""")).Problem(400, "json-invalid");
        (await world.Post(decision, """{"verdict":"approve","arguments":{"text":"x"}}""")).Problem(422, "arguments-unexpected");
        Assert.Equal(204, (await world.Post(decision, """{"verdict":"edit","arguments":{"text":"kind words"},"by":"ann"}""")).Status);
        Assert.Equal(204, (await world.Post(decision, """{"verdict":"edit","arguments":{"text":"kind words"},"by":"ann"}""")).Status);
        (await world.Post(decision, """{"verdict":"reject"}""")).Problem(409, "request-closed");
        var ended = (await world.Get($"/v1/goals/{goal}/wait?timeout=60")).Json;
        Assert.Equal("Completed", ended.GetProperty("status").GetString());
        Assert.Contains("kind words", ended.GetProperty("steps").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Questions_are_answered_news_is_told_and_goals_are_cancelled()
    {
        await using var world = await World.Start();
        var asks = await world.Submit("ask");
        var question = (await world.Get($"/v1/goals/{asks}/wait")).Json.GetProperty("openQuestions")[0].GetProperty("request").GetString();
        (await world.Post($"/v1/goals/{asks}/requests/{question}/answer", """{"answer":"maybe"}""")).Problem(409, "request-closed");
        Assert.Equal(204, (await world.Post($"/v1/goals/{asks}/requests/{question}/answer", """{"answer":"yes","by":"ann"}""")).Status);
        Assert.Equal("Completed", (await world.Get($"/v1/goals/{asks}/wait?timeout=60")).Json.GetProperty("status").GetString());
        (await world.Post($"/v1/goals/{asks}/messages", """{"text":"Too late."}""")).Problem(409, "refused");

        var held = await world.Submit("hold");
        Assert.Equal("Running", (await world.Get($"/v1/goals/{held}/wait?timeout=0")).Json.GetProperty("status").GetString());
        (await world.Post($"/v1/goals/{held}/messages", """{"text":" "}""")).Problem(422, "text-empty");
        Assert.Equal(204, (await world.Post($"/v1/goals/{held}/messages", """{"text":"It is urgent."}""")).Status);
        Assert.Equal(204, (await world.Post($"/v1/goals/{held}/cancel", """{"reason":"duplicate"}""")).Status);
        Assert.Equal("Cancelled", (await world.Get($"/v1/goals/{held}/wait?timeout=60")).Json.GetProperty("status").GetString());
        (await world.Post($"/v1/goals/{asks}/cancel", "{}")).Problem(409, "goal-over");
    }

    [Fact]
    public async Task The_list_is_read_page_by_page_without_gap_or_repeat()
    {
        await using var world = await World.Start();
        var goals = new List<string>();
        for (var i = 0; i < 5; i++) goals.Add((await world.Submit("work")).Value);
        var other = (await world.Post("/v1/goals", """{"text":"ask","tenant":"other"}""")).Json.GetProperty("goal").GetString()!;
        await world.Get($"/v1/goals/{other}/wait?timeout=60");

        var seen = new List<string>();
        for (var next = ""; next is not null;)
        {
            var page = (await world.Get($"/v1/goals?tenant=default&limit=2{next}")).Json;
            seen.AddRange(page.GetProperty("goals").EnumerateArray().Select(g => g.GetProperty("goal").GetString()!));
            next = page.TryGetProperty("next", out var cursor) ? $"&before={cursor.GetString()}" : null;
        }

        var all = (await world.Get("/v1/goals?tenant=default")).Json.GetProperty("goals").EnumerateArray().ToList();
        Assert.Equal(all.Select(g => g.GetProperty("goal").GetString()), seen);
        Assert.Equal(goals.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        Assert.Equal(all.OrderByDescending(g => g.GetProperty("submittedAt").GetDateTimeOffset()).Select(g => g.GetRawText()), all.Select(g => g.GetRawText()));
        Assert.Equal([other], Ids(await world.Get("/v1/goals?status=waiting,planning")));
        Assert.Equal([other], Ids(await world.Get("/v1/goals?status=Waiting&tenant=other")));
    }

    [Fact]
    public async Task A_goal_is_forked_from_a_step_once_for_each_key()
    {
        await using var world = await World.Start();
        var goal = await world.Submit("work");
        await world.Get($"/v1/goals/{goal}/wait?timeout=60");
        var made = await world.Post($"/v1/goals/{goal}/fork", """{"fromStep":"a","instruction":"better","constraints":{"maxSteps":7},"submittedBy":"ann"}""", ("Idempotency-Key", "f-1"));
        Assert.Equal((201, $"/v1/goals/{made.Json.GetProperty("goal").GetString()}"), (made.Status, made.Location));
        var spec = (await world.Get($"{made.Location}/wait?timeout=60")).Json.GetProperty("spec");
        Assert.Equal(("ann", 7, goal.Value), (spec.GetProperty("submittedBy").GetString(), spec.GetProperty("constraints").GetProperty("maxSteps").GetInt32(), spec.GetProperty("fork").GetProperty("goal").GetString()));

        Assert.Equal(made.Text, (await world.Post($"/v1/goals/{goal}/fork", """{"fromStep":"a","instruction":"better","constraints":{"maxSteps":7}}""", ("Idempotency-Key", "f-1"))).Text);
        (await world.Post($"/v1/goals/{goal}/fork", """{"fromStep":"a"}""", ("Idempotency-Key", "f-1"))).Problem(422, "idempotency-key-reused");
        (await world.Post($"/v1/goals/{goal}/fork", """{"fromStep":"x"}""")).Problem(404, "step-not-found");
        (await world.Post($"/v1/goals/{goal}/fork", """{"fromStep":"a","instruction":" "}""")).Problem(422, "text-empty");
        (await world.Post("/v1/goals/none/fork", """{"fromStep":"a"}""")).Problem(404, "goal-not-found");
    }

    [Fact]
    public async Task The_list_is_filtered_by_words_time_and_what_asks()
    {
        await using var world = await World.Start();
        var first = await world.Submit("work on Order-4711");
        var ask = await world.Submit("ask");
        foreach (var goal in new[] { first, ask }) await world.Get($"/v1/goals/{goal}/wait?timeout=60");
        Assert.Equal([first.Value], Ids(await world.Get("/v1/goals?text=order%20WORK")));
        Assert.Equal([ask.Value], Ids(await world.Get("/v1/goals?asking=true")));
        Assert.Equal(2, Ids(await world.Get("/v1/goals?text=%20&since=2026-01-01T00:00:00Z")).Count());
        Assert.Empty(Ids(await world.Get("/v1/goals?since=9999-01-01T00:00:00%2B02:00")));
        (await world.Get("/v1/goals?since=yesterday")).Problem(400, "query-invalid");
        (await world.Get("/v1/goals?since=2026-01-01")).Problem(400, "query-invalid");
        (await world.Get($"/v1/goals?text={new string('x', 201)}")).Problem(400, "query-invalid");
    }

    private static IEnumerable<string> Ids(Answer listing) => listing.Json.GetProperty("goals").EnumerateArray().Select(g => g.GetProperty("goal").GetString()!);
}
