using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Tests;

/// <summary>The journal as server-sent events.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task The_stream_has_every_entry_once_under_its_sequence_and_ends_with_the_goal()
    {
        await using var world = await World.Start();
        var goal = await world.Submit("hold");
        using var reader = await world.Open($"/v1/goals/{goal}/events");
        var first = await Next(reader);
        Assert.Equal(1, first!.Value.Id);
        world.Release();
        var ids = new List<long> { 1 };
        var last = first;
        while (await Next(reader) is { } next) ids.Add((last = next).Value.Id);
        Assert.Equal(Enumerable.Range(1, ids.Count).Select(i => (long)i), ids);
        Assert.Equal("goal.ended", last!.Value.Entry.GetProperty("event").GetProperty("type").GetString());
        Assert.Equal(ids.Count, last.Value.Entry.GetProperty("sequence").GetInt64());
    }

    [Fact]
    public async Task A_stream_is_resumed_after_the_last_id_and_an_ended_goal_has_no_more()
    {
        await using var world = await World.Start();
        var goal = await world.Submit("work");
        var end = (await world.Get($"/v1/goals/{goal}/wait?timeout=60")).Json.GetProperty("lastSequence").GetInt64();
        Assert.Equal(3, (await Next(await world.Open($"/v1/goals/{goal}/events?after=2")))!.Value.Id);
        Assert.Equal(4, (await Next(await world.Open($"/v1/goals/{goal}/events?after=1", ("Last-Event-ID", "3"))))!.Value.Id);
        Assert.Equal(204, (await world.Get($"/v1/goals/{goal}/events?after={end}")).Status);
        Assert.Equal(204, (await world.Get($"/v1/goals/{goal}/events?after={end + 100}")).Status);
        (await world.Send(HttpMethod.Get, $"/v1/goals/{goal}/events", null, ("Last-Event-ID", "x"))).Problem(400, "query-invalid");
    }

    [Fact]
    public async Task Without_follow_there_is_what_there_is()
    {
        await using var world = await World.Start();
        var goal = await world.Submit("ask");
        var end = (await world.Get($"/v1/goals/{goal}/wait?timeout=60")).Json.GetProperty("lastSequence").GetInt64();
        var answer = await world.Get($"/v1/goals/{goal}/events?follow=false");
        Assert.Equal("text/event-stream", answer.MediaType);
        Assert.Equal(end, answer.Text.Split('\n').Count(l => l.StartsWith("id: ", StringComparison.Ordinal)));
        Assert.Equal(204, (await world.Get($"/v1/goals/{goal}/events?follow=false&after={end}")).Status);
    }

    [Fact]
    public async Task A_quiet_stream_says_that_it_lives()
    {
        var time = new EngineConformance.ManualTime();
        await using var world = await World.Start(time: time);
        var goal = await world.Submit("ask");
        var end = (await world.Get($"/v1/goals/{goal}/wait?timeout=60")).Json.GetProperty("lastSequence").GetInt64();
        using var reader = await world.Open($"/v1/goals/{goal}/events?after={end - 1}");
        Assert.Equal(end, (await Next(reader))!.Value.Id);
        for (var beats = 0; beats < 3; beats++)
        {
            var line = reader.ReadLineAsync(World.Ct).AsTask();
            while (time.Armed == 0)
            {
                World.Ct.ThrowIfCancellationRequested();
                await Task.Yield();
            }

            time.Advance(TimeSpan.FromSeconds(15));
            Assert.Equal(":", await line);
            Assert.Equal("", await reader.ReadLineAsync(World.Ct));
        }
    }

    [Fact]
    public async Task Streams_beyond_the_limit_are_refused_until_one_ends()
    {
        await using var world = await World.Start(new GatewayOptions { Auth = World.Unasked, MaxStreams = 2 });
        var goal = await world.Submit("ask");
        using var one = await world.Open($"/v1/goals/{goal}/events");
        using (await world.Open("/v1/approvals/events")) (await world.Get($"/v1/goals/{goal}/events")).Problem(503, "streams-too-many");
        while ((await world.Get($"/v1/goals/{goal}/events?follow=false")).Status == 503) await Task.Yield();
        Assert.Equal(1, (await Next(one))!.Value.Id);
    }

    [Fact]
    public async Task Streams_end_in_good_order_when_the_server_stops()
    {
        await using var world = await World.Start();
        var goal = await world.Submit("ask");
        using var reader = await world.Open($"/v1/goals/{goal}/events");
        Assert.Equal(1, (await Next(reader))!.Value.Id);
        var rest = reader.ReadToEndAsync(World.Ct);
        await world.Stop();
        Assert.EndsWith("\n\n", await rest, StringComparison.Ordinal);
    }

    private static async Task<(long Id, JsonElement Entry)?> Next(StreamReader reader)
    {
        if (await reader.ReadLineAsync(World.Ct) is not { } id) return null;
        var data = await reader.ReadLineAsync(World.Ct);
        Assert.Equal("", await reader.ReadLineAsync(World.Ct));
        Assert.StartsWith("id: ", id, StringComparison.Ordinal);
        Assert.StartsWith("data: ", data, StringComparison.Ordinal);
        return (long.Parse(id[4..]), MeshJson.Parse(data![6..]));
    }
}
