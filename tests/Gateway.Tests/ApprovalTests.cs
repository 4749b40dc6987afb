using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Tests;

/// <summary>The inbox: what goals ask of people.</summary>
public sealed class ApprovalTests
{
    [Fact]
    public async Task What_is_asked_is_listed_with_its_arguments_and_the_plan_until_it_is_decided()
    {
        await using var world = await World.Start();
        var call = await world.Submit("call");
        var ask = await world.Submit("ask");
        var done = await world.Submit("work");
        foreach (var goal in new[] { call, ask, done }) await world.Get($"/v1/goals/{goal}/wait?timeout=60");

        var goals = (await world.Get("/v1/approvals")).Json.GetProperty("goals").EnumerateArray().ToList();
        Assert.Equal([ask.Value, call.Value], goals.Select(Id));
        Assert.Equal("Go on?", goals[0].GetProperty("questions")[0].GetProperty("question").GetString());
        var approval = goals[1].GetProperty("approvals")[0];
        Assert.Equal(("note.send", """{"text":"hello"}"""), (approval.GetProperty("tool").GetString(), approval.GetProperty("arguments").GetRawText()));
        Assert.Equal(JsonValueKind.Array, approval.GetProperty("untrusted").ValueKind);
        var step = goals[1].GetProperty("steps")[0];
        Assert.Equal(("a", "worker", "Suspended", 1), (step.GetProperty("step").GetString(), step.GetProperty("role").GetString(), step.GetProperty("status").GetString(), goals[1].GetProperty("planVersion").GetInt32()));
        Assert.Equal($"{call}/worker/1", step.GetProperty("agent").GetString());
        Assert.Equal(1, (await world.Get("/v1/goals?asking=true&limit=1")).Json.GetProperty("goals")[0].GetProperty("asks").GetInt32());

        Assert.Equal(204, (await world.Post($"/v1/goals/{call}/requests/{approval.GetProperty("request").GetString()}/decision", """{"verdict":"reject","reason":"no"}""")).Status);
        await world.Get($"/v1/goals/{call}/wait?timeout=60");
        Assert.Equal([ask.Value], (await world.Get("/v1/approvals")).Json.GetProperty("goals").EnumerateArray().Select(Id));
        Assert.Empty((await world.Get("/v1/approvals?tenant=nobody")).Json.GetProperty("goals").EnumerateArray());
    }

    [Fact]
    public async Task The_inbox_is_read_page_by_page()
    {
        await using var world = await World.Start();
        var goals = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            goals.Add((await world.Submit("ask")).Value);
            await world.Get($"/v1/goals/{goals[^1]}/wait?timeout=60");
        }

        var seen = new List<string>();
        for (var next = ""; next is not null;)
        {
            var page = (await world.Get($"/v1/approvals?limit=2{next}")).Json;
            seen.AddRange(page.GetProperty("goals").EnumerateArray().Select(Id));
            next = page.TryGetProperty("next", out var cursor) ? $"&before={cursor.GetString()}" : null;
        }

        Assert.Equal(goals.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        (await world.Get("/v1/approvals?before=!")).Problem(400, "cursor-invalid");
        (await world.Get("/v1/approvals?limit=0")).Problem(400, "query-invalid");
    }

    [Fact]
    public async Task Whoever_follows_hears_of_each_change_and_of_none_twice()
    {
        await using var world = await World.Start(new GatewayOptions { Auth = World.Unasked, ApprovalsEvery = TimeSpan.FromMilliseconds(5) });
        using var reader = await world.Open("/v1/approvals/events");
        var nothing = await Next(reader);
        Assert.Equal((0, false), (nothing.GetProperty("open").GetInt32(), nothing.GetProperty("more").GetBoolean()));
        var goal = await world.Submit("ask");
        var one = await Next(reader);
        Assert.Equal(1, one.GetProperty("open").GetInt32());
        // Whoever comes back with what it saw last hears nothing of it again.
        using var again = await world.Open("/v1/approvals/events", ("Last-Event-ID", one.GetProperty("version").GetString()!));
        await world.Post($"/v1/goals/{goal}/cancel", "{}");
        foreach (var stream in new[] { reader, again })
        {
            var last = await Next(stream);
            Assert.Equal((0, nothing.GetProperty("version").GetString()), (last.GetProperty("open").GetInt32(), last.GetProperty("version").GetString()));
        }
    }

    private static string Id(JsonElement goal) => goal.GetProperty("goal").GetString()!;

    private static async Task<JsonElement> Next(StreamReader reader)
    {
        var id = await reader.ReadLineAsync(World.Ct);
        var data = MeshJson.Parse((await reader.ReadLineAsync(World.Ct))!["data: ".Length..]);
        Assert.Equal("", await reader.ReadLineAsync(World.Ct));
        Assert.Equal($"id: {data.GetProperty("version").GetString()}", id);
        return data;
    }
}
