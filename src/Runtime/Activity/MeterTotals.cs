using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace AgentMesh.Runtime.Activity;

/// <summary>
/// Adds up what this process' meters tell, from when it was made, for Prometheus. Safe for concurrent use; recording allocates nothing but for the
/// first of a series. Further series than <see cref="MostSeries"/> are not kept.
/// </summary>
public sealed class MeterTotals : IDisposable
{
    public const int MostSeries = 4096;

    private static readonly double[] Seconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];
    private readonly ConcurrentDictionary<Key, Series> known = new();
    private readonly MeterListener listener = new();

    /// <param name="meters">Names of the meters that are listened to.</param>
    public MeterTotals(params IReadOnlyCollection<string> meters)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (meters.Contains(instrument.Meter.Name, StringComparer.Ordinal)) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
    }

    /// <summary>Appends everything in Prometheus' text format.</summary>
    public void Write(StringBuilder text)
    {
        listener.RecordObservableInstruments();
        foreach (var family in known.Values.GroupBy(s => s.Name, StringComparer.Ordinal).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var first = family.First();
            text.Append(CultureInfo.InvariantCulture, $"# HELP {family.Key} {first.Help}\n# TYPE {family.Key} {first.Type}\n");
            foreach (var series in family.OrderBy(s => s.Labels, StringComparer.Ordinal)) series.Write(text);
        }
    }

    public void Dispose() => listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = new Key(instrument, Tag(tags, 0), Tag(tags, 1), Tag(tags, 2), Tag(tags, 3), Tag(tags, 4), Tag(tags, 5), Tag(tags, 6));
        if (!known.TryGetValue(key, out var series))
        {
            if (known.Count >= MostSeries) return;
            series = known.GetOrAdd(key, new Series(instrument, Labels(tags)));
        }

        series.Add(value);
    }

    private static object? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, int at) => at < tags.Length ? tags[at].Value : null;

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (value is null) continue;
            labels.Append(labels.Length == 0 ? "" : ",").Append(name.Replace('.', '_')).Append("=\"").Append(PrometheusText.Escaped(Convert.ToString(value, CultureInfo.InvariantCulture)!)).Append('"');
        }

        return labels.ToString();
    }

    private readonly record struct Key(Instrument Instrument, object? A, object? B, object? C, object? D, object? E, object? F, object? G);

    private sealed class Series
    {
        private readonly Lock gate = new();
        private readonly double[]? bounds;
        private readonly long[] counts;
        private readonly bool replaces;
        private double total;

        public Series(Instrument instrument, string labels)
        {
            Labels = labels;
            Help = instrument.Description ?? "";
            var kind = instrument.GetType().Name;
            replaces = kind.StartsWith("Observable", StringComparison.Ordinal) || kind.StartsWith("Gauge", StringComparison.Ordinal);
            bounds = !kind.StartsWith("Histogram", StringComparison.Ordinal) ? null
                : instrument is Histogram<long> { Advice.HistogramBucketBoundaries: { } whole } ? [.. whole.Select(b => (double)b)]
                : instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } given } ? [.. given] : Seconds;
            counts = new long[(bounds?.Length ?? 0) + 1];
            var adds = kind.StartsWith("Counter", StringComparison.Ordinal);
            Type = bounds is not null ? "histogram" : adds ? "counter" : "gauge";
            Name = $"{instrument.Name.Replace('.', '_')}{(instrument.Unit == "s" ? "_seconds" : "")}{(adds ? "_total" : "")}";
        }

        public string Name { get; }
        public string Labels { get; }
        public string Help { get; }
        public string Type { get; }

        public void Add(double value)
        {
            lock (gate)
            {
                total = replaces ? value : total + value;
                if (bounds is null) return;
                var at = Array.BinarySearch(bounds, value);
                counts[at < 0 ? ~at : at]++;
            }
        }

        public void Write(StringBuilder text)
        {
            lock (gate)
            {
                var braces = Labels.Length == 0 ? "" : $"{{{Labels}}}";
                if (bounds is null)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{Name}{braces} {total}\n");
                    return;
                }

                var below = 0L;
                for (var i = 0; i < counts.Length; i++)
                {
                    below += counts[i];
                    var bound = i < bounds.Length ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{{Labels}{(Labels.Length == 0 ? "" : ",")}le=\"{bound}\"}} {below}\n");
                }

                text.Append(CultureInfo.InvariantCulture, $"{Name}_sum{braces} {total}\n{Name}_count{braces} {below}\n");
            }
        }
    }
}
