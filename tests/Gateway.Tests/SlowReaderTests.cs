using System.Net.Sockets;
using System.Text;

namespace AgentMesh.Gateway.Tests;

/// <summary>A client that takes nothing of its stream is dropped, and costs the others nothing meanwhile.</summary>
public sealed class SlowReaderTests
{
    [Fact]
    public async Task A_reader_that_takes_nothing_is_dropped_after_a_bounded_buffer_while_others_go_on()
    {
        Flood? flood = null;
        await using var world = await World.Start(new GatewayOptions { Auth = World.Unasked, SlowReader = TimeSpan.FromMilliseconds(300) }, decorate: mesh => flood = new Flood(mesh), listens: true);
        var goal = await world.Submit("ask");
        await world.Get($"/v1/goals/{goal}/wait?timeout=60");

        using var slow = new TcpClient { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync(world.Client.BaseAddress!.Host, world.Client.BaseAddress.Port, World.Ct);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /v1/goals/{goal}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), World.Ct);
        Assert.InRange(await flood!.Stopped.WaitAsync(World.Ct), 1, 10_000);

        // Its place is free, and whoever reads gets on.
        using var reader = await world.Open($"/v1/goals/{goal}/events");
        for (var i = 0; i < 3_000; i++) Assert.NotNull(await reader.ReadLineAsync(World.Ct));
    }
}
