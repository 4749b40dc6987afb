using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace AgentMesh.Gateway.Tests.OpenApi;

/// <summary>
/// Thousands of requests that are nearly right, over a real socket: none breaks the server, each error is a problem, and each status is one that the
/// description names. <c>AGENTMESH_FUZZ</c> says how many (`make fuzz`: 10,000), <c>AGENTMESH_FUZZ_SEED</c> which.
/// </summary>
public sealed class FuzzTests
{
    private const int Lanes = 4;

    [Fact]
    public async Task No_request_breaks_the_server()
    {
        var count = Setting("AGENTMESH_FUZZ", 1_000);
        var seed = Setting("AGENTMESH_FUZZ_SEED", 20260301);
        await using var world = await World.Start(new GatewayOptions { Auth = World.Unasked, LongestWait = TimeSpan.FromMilliseconds(50), Wait = TimeSpan.FromMilliseconds(10) }, listens: true);
        var goals = new[] { await world.Submit("ask"), await world.Submit("call"), await world.Submit("work") };
        foreach (var goal in goals) await world.Get($"/v1/goals/{goal}/wait");
        var requests = new[] { goals[0], goals[1] }.Select(async g => (await world.Mesh.Get(g, World.Ct)) is var v && v.OpenApprovals.Count > 0 ? v.OpenApprovals[0].Request.Value : v.OpenQuestions[0].Request.Value);
        var known = new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["id"] = [.. goals.Select(g => g.Value), "none"], ["request"] = await Task.WhenAll(requests), ["artifact"] = ["a", "in-1"], ["name"] = ["a", "b"],
        };
        var api = (await world.Get("/openapi/v1.json")).Json;
        var wrong = new ConcurrentBag<string>();
        var statuses = new ConcurrentDictionary<int, int>();
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(async lane =>
        {
            var fuzz = new Fuzz(api, seed + lane, known);
            for (var i = lane; i < count; i += Lanes)
            {
                var (request, operation, name) = fuzz.Next();
                var (status, type) = await Send(world.Client.BaseAddress!, request);
                statuses.AddOrUpdate(status, 1, static (_, n) => n + 1);
                if (Wrong(operation, status, type) is { } why) wrong.Add($"lane {lane}, request {i}: {name}: {why}\n{Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(request.Length, 2_000)))}");
            }
        }));

        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {count} (seed {seed}):\n{string.Join("\n\n", wrong.Take(5))}");
        // A fuzzer whose requests all stop at the door has tested the door.
        Assert.True(statuses.Where(s => s.Key < 300).Sum(s => s.Value) > count / 20 && statuses.Count >= 6, string.Join(", ", statuses));
    }

    private static string? Wrong(JsonElement operation, int status, string type)
    {
        if (status >= 500) return $"{status}";
        // What the server's own parser refuses (400, 431, 414) or another method (405) never reaches a route.
        if (status is 405 or 414 or 431 || (status == 400 && type.Length == 0)) return null;
        // Where no dashboard was built, its page says so to browsers.
        if (status == 404 && type == "text/html" && !operation.TryGetProperty("operationId", out _)) return null;
        if (status >= 400 && type != "application/problem+json") return $"{status} as {type}";
        return status == 304 || operation.GetProperty("responses").TryGetProperty(status.ToString(CultureInfo.InvariantCulture), out _) || status is 204 or 404 ? null : $"{status}, which is not described";
    }

    /// <summary>The status and the media type; the body is left where it is.</summary>
    private static async Task<(int Status, string Type)> Send(Uri server, byte[] request)
    {
        using var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(server.Host, server.Port, World.Ct);
        var stream = socket.GetStream();
        var sent = stream.WriteAsync(request, World.Ct).AsTask();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var (status, type) = (0, "");
        while (await reader.ReadLineAsync(World.Ct) is { Length: > 0 } line)
        {
            if (status == 0) status = int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
            else if (line.StartsWith("Content-Type: ", StringComparison.OrdinalIgnoreCase)) type = line["Content-Type: ".Length..].Split(';')[0];
        }

        // A server that refuses early need not read to the end.
        await sent.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return (status, type);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
