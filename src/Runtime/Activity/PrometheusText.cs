using System.Globalization;
using System.Text;

namespace AgentMesh.Runtime.Activity;

/// <summary>A silo's figures in Prometheus' text format, version 0.0.4.</summary>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    // Seconds. A call counts to the first bound that its cell's middle does not exceed.
    private static readonly double[] Bounds = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    /// <param name="totals">What the mesh's meters told; null for the recorder's figures alone.</param>
    public static string Write(ActivityRecorder recorder, MeterTotals? totals = null)
    {
        var text = new StringBuilder();
        var grains = recorder.Grains.Select(g => (Meter: g, Label: $"grain=\"{Escaped(g.Type)}\"", Counts: g.Lifetime())).ToList();
        var devices = recorder.Inference.Select(i => (Meter: i, Label: $"model=\"{Escaped(i.Model)}\",device=\"{Escaped(i.Device)}\"")).ToList();

        Family("silo_calls_total", "counter", "Calls that ended, by grain type.", grains.Select(g => (g.Label, (double)g.Counts[..LatencyScale.Cells].Sum())));
        Family("silo_errors_total", "counter", "Calls that failed, by grain type.", grains.Select(g => (g.Label, (double)g.Counts[LatencyScale.Cells])));
        Head("silo_call_seconds", "histogram", "Duration of calls, by grain type; the sum is exact to 3.2 %.");
        foreach (var (_, label, counts) in grains) Histogram(label, counts.AsSpan(0, LatencyScale.Cells));
        Family("silo_activations", "gauge", "Activations now, by grain type.", grains.Select(g => (g.Label, (double)g.Meter.Activations)));
        Family("goals_moving", "gauge", "Goals that move here.", [("", recorder.GoalsMoving)]);
        Family("inference_slots", "gauge", "Requests that run at once at most.", devices.Select(d => (d.Label, (double)d.Meter.Slots)));
        Family("inference_busy", "gauge", "Requests that run.", devices.Select(d => (d.Label, (double)d.Meter.Busy)));
        Family("inference_queue", "gauge", "Requests that wait.", devices.Select(d => (d.Label, (double)d.Meter.Queued)));
        Family("inference_tokens_total", "counter", "Tokens generated.", devices.Select(d => (d.Label, (double)d.Meter.Tokens)));
        Family("process_memory_bytes", "gauge", "Working set.", [("", recorder.MemoryBytes)]);
        totals?.Write(text);
        return text.ToString();

        void Head(string name, string type, string help) =>
            text.Append(CultureInfo.InvariantCulture, $"# HELP agentmesh_{name} {help}\n# TYPE agentmesh_{name} {type}\n");

        void Family(string name, string type, string help, IEnumerable<(string Label, double Value)> values)
        {
            Head(name, type, help);
            foreach (var (label, value) in values) Line(name, label, value);
        }

        void Line(string name, string label, double value) =>
            text.Append(CultureInfo.InvariantCulture, $"agentmesh_{name}{(label.Length == 0 ? "" : $"{{{label}}}")} {value}\n");

        void Histogram(string label, ReadOnlySpan<long> counts)
        {
            var (cell, below, sum) = (0, 0L, 0.0);
            foreach (var bound in Bounds)
            {
                for (; cell < counts.Length && LatencyScale.Middle(cell) <= bound * 1_000_000; cell++) Count(counts);
                Line("silo_call_seconds_bucket", string.Create(CultureInfo.InvariantCulture, $"{label},le=\"{bound}\""), below);
            }

            for (; cell < counts.Length; cell++) Count(counts);
            Line("silo_call_seconds_bucket", $"{label},le=\"+Inf\"", below);
            Line("silo_call_seconds_sum", label, sum);
            Line("silo_call_seconds_count", label, below);

            void Count(ReadOnlySpan<long> all)
            {
                below += all[cell];
                sum += all[cell] * LatencyScale.Middle(cell) / 1_000_000;
            }
        }
    }

    internal static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
