namespace AgentMesh.Gateway.Tests;

/// <summary>What was spent, by day, tenant and model.</summary>
public sealed class UsageTests
{
    [Fact]
    public async Task Goals_and_calls_are_counted_by_day_and_tenant()
    {
        await using var world = await World.Start();
        foreach (var tenant in new[] { "acme", "acme", "other" })
            await world.Get((await world.Post("/v1/goals", $$"""{"text":"call","constraints":{"approvals":"auto"},"tenant":"{{tenant}}"}""")).Location + "/wait?timeout=60");

        var report = (await world.Get("/v1/usage")).Json;
        var days = report.GetProperty("days").EnumerateArray().ToList();
        Assert.Equal([("acme", 2), ("other", 1)], days.Select(d => (d.GetProperty("tenant").GetString()!, d.GetProperty("completed").GetInt32())));
        Assert.Equal(3, report.GetProperty("total")[0].GetProperty("usage").GetProperty("toolCalls").GetInt32());
        Assert.Single((await world.Get("/v1/usage?tenant=other")).Json.GetProperty("days").EnumerateArray());
        Assert.Empty((await world.Get("/v1/usage?from=2020-01-01&to=2020-12-31")).Json.GetProperty("days").EnumerateArray());
    }

    [Theory]
    [InlineData("from=2020-13-01")]
    [InlineData("from=x")]
    [InlineData("from=2020-01-02&to=2020-01-01")]
    [InlineData("from=0001-01-01&to=9999-12-31")]
    public async Task A_span_that_is_none_is_refused(string query)
    {
        await using var world = await World.Start();
        (await world.Get($"/v1/usage?{query}")).Problem(400, "query-invalid");
        Assert.Equal(200, (await world.Get("/v1/usage?to=0001-01-01")).Status);
        Assert.Equal(200, (await world.Get("/v1/usage?to=9999-12-31&from=9999-01-01")).Status);
    }
}
