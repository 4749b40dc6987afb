using System.Diagnostics;
using System.Text;
using AgentMesh.Contracts;

namespace AgentMesh.GatewayBench;

/// <summary>What the way over HTTP adds to a submit.</summary>
internal sealed class Submits(Site site)
{
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"text":"Do the four parts."}""");

    /// <summary>One at a time, by turns straight and over HTTP, each goal over before the next: median milliseconds of both.</summary>
    public async Task<(double Straight, double Http)> Overhead(int goals)
    {
        using var client = new HttpClient { BaseAddress = site.Url };
        var (straight, http) = (new double[goals], new double[goals]);
        for (var i = 0; i < goals; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            var goal = await site.Mesh.Submit(new GoalSpec { Text = "Do the four parts." });
            straight[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            await site.Mesh.Wait(goal);

            begun = Stopwatch.GetTimestamp();
            goal = await Submit(client, "v1/goals");
            http[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            await site.Mesh.Wait(goal);
        }

        Array.Sort(straight);
        Array.Sort(http);
        return (straight[goals / 2], http[goals / 2]);
    }

    /// <summary>Submits a second over so many connections.</summary>
    public async Task<double> Rate(string path, int connections, TimeSpan time)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections };
        using var client = new HttpClient(handler) { BaseAddress = site.Url };
        var begun = Stopwatch.GetTimestamp();
        var done = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            GoalId last = default;
            for (; Stopwatch.GetElapsedTime(begun) < time; count++) last = await Submit(client, path);
            return (Count: count, Last: last);
        })));
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        // What still runs must not weigh on what is measured next.
        if (path != "bare") foreach (var (_, last) in done) await site.Mesh.Wait(last);
        return done.Sum(d => d.Count) / seconds;
    }

    private static async Task<GoalId> Submit(HttpClient client, string path)
    {
        using var content = new ByteArrayContent(Body) { Headers = { ContentType = new("application/json") } };
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
        var accepted = System.Text.Json.JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(), BareJson.Default.GoalAccepted)!;
        return accepted.Goal;
    }
}
