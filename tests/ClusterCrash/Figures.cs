using System.Globalization;

namespace AgentMesh.ClusterCrash;

/// <summary>Settings of a campaign, and how its figures are written.</summary>
internal static class Figures
{
    public static int Setting(string name, int otherwise) => int.Parse(Environment.GetEnvironmentVariable(name) ?? otherwise.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Ends a campaign early, on a machine that is too slow for the whole of it: what was done until then is judged.</summary>
    public static bool TimeIsUp => TimeProvider.System.GetElapsedTime(Begun).TotalMinutes >= Setting("CLUSTER_MINUTES", 600);

    private static readonly long Begun = TimeProvider.System.GetTimestamp();

    public static string Spread(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Order().ToList();
        return sorted.Count == 0 ? "none"
            : string.Create(CultureInfo.InvariantCulture, $"p50 {At(0.5):0.00} s, p95 {At(0.95):0.00} s, max {sorted[^1].TotalSeconds:0.00} s (of {sorted.Count})");

        double At(double share) => sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(share * sorted.Count) - 1)].TotalSeconds;
    }
}
