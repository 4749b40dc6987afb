using AgentMesh.Contracts;

namespace AgentMesh.Runtime.Activity;

/// <summary>Brings the views of several silos to one: the same buckets for all, zero where a silo has none.</summary>
public static class ActivityMerge
{
    /// <param name="views">At least one; all with buckets of the same length.</param>
    public static ActivityView Merge(IReadOnlyList<ActivityView> views)
    {
        var bucket = views[0].Bucket;
        var first = views.Min(v => v.From);
        var count = views.Max(v => Offset(v.From) + v.Silos.Select(s => s.Memory.Count).DefaultIfEmpty(0).Max());
        return new ActivityView(first, bucket, [.. views.SelectMany(v => v.Silos.Select(s => Shifted(s, Offset(v.From), count))).OrderBy(s => s.Silo, StringComparer.Ordinal)]);

        int Offset(DateTimeOffset from) => (int)Math.Round((from - first) / bucket);
    }

    private static SiloActivity Shifted(SiloActivity silo, int by, int count) => silo with
    {
        Grains = [.. silo.Grains.Select(g => g with { CallsByBucket = Shift(g.CallsByBucket, by, count), ErrorsByBucket = Shift(g.ErrorsByBucket, by, count) })],
        Inference = [.. silo.Inference.Select(i => i with { Batch = Shift(i.Batch, by, count), TokensPerSecond = Shift(i.TokensPerSecond, by, count), Queue = Shift(i.Queue, by, count) })],
        Memory = Shift(silo.Memory, by, count),
        Queue = Shift(silo.Queue, by, count),
    };

    private static T[] Shift<T>(IReadOnlyList<T> values, int by, int count)
    {
        var shifted = new T[count];
        for (var i = 0; i < values.Count; i++) shifted[by + i] = values[i];
        return shifted;
    }
}
