using System.Diagnostics;
using AgentMesh.Contracts;

namespace AgentMesh.GatewayBench;

/// <summary>Many followers on one box while goals run, some of them too slow, and a gateway that restarts under all of them.</summary>
internal sealed class Follows(Site site, int followers, int goals)
{
    /// <summary>One in so many reads nothing for a while.</summary>
    private const int OneSlowIn = 50;

    private static readonly TimeSpan BeforeRestart = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    public async Task<Outcome> Run()
    {
        using var limit = new CancellationTokenSource(Limit);
        var followed = new List<GoalId>();
        for (var i = 0; i < goals; i++) followed.Add(await site.Mesh.Submit(new GoalSpec { Text = "Talk." }, ct: limit.Token));
        Follower[] all = [.. Enumerable.Range(0, followers).Select(i => new Follower(site.Url, followed[i % goals], isSlow: i % OneSlowIn == OneSlowIn - 1))];
        var running = Task.WhenAll(all.Select(f => f.Run(limit.Token)));

        await Task.Delay(BeforeRestart, limit.Token);
        var begun = Stopwatch.GetTimestamp();
        await site.Close();
        var closing = Stopwatch.GetElapsedTime(begun);
        await Task.Delay(Away, limit.Token);
        await site.Open();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // Those who are not done show below what they lack.
        }

        var lengths = new Dictionary<GoalId, long>();
        foreach (var goal in followed) lengths[goal] = (await site.Mesh.Get(goal)).LastSequence;
        List<double> delays = [.. all.SelectMany(f => f.Delays).Order()];
        return new Outcome(
            all.Sum(f => f.Last), all.Sum(f => f.Gaps), all.Sum(f => f.Repeats), all.Where((f, i) => f.Last != lengths[followed[i % goals]]).Count(), all.Sum(f => f.Connections) - all.Length,
            all.Count(f => f.IsSlow), all.Count(f => f.WasDropped), closing, delays.Count == 0 ? 0 : delays[delays.Count / 2], delays.Count == 0 ? 0 : delays[(int)(delays.Count * 0.99)],
            Environment.WorkingSet / 1024 / 1024);
    }

    /// <param name="Short">Followers that did not get to the end of their goal.</param>
    /// <param name="Closing">How long the gateway took to let all go.</param>
    /// <param name="P50">Milliseconds from an entry's time to its arrival at those who are not slow, before the restart.</param>
    internal sealed record Outcome(
        long Entries, int Gaps, int Repeats, int Short, int Reconnects, int Slow, int Dropped, TimeSpan Closing, double P50, double P99, long MegaBytes);
}
