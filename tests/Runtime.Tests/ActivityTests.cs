using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Runtime.Activity;

namespace AgentMesh.Runtime.Tests;

public sealed class ActivityTests : IDisposable
{
    private readonly TwoClocks time = new();
    private readonly ActivityRecorder recorder;

    public ActivityTests() => recorder = new ActivityRecorder("silo-1", time, () => 1000, () => 3);

    public void Dispose() => recorder.Dispose();

    [Fact]
    public void Every_duration_is_within_five_percent_of_its_cell()
    {
        var random = new Random(1);
        for (var i = 0; i < 100_000; i++)
        {
            var value = (long)Math.Pow(2, random.NextDouble() * 32);
            var cell = LatencyScale.Cell(value);
            Assert.InRange(value, LatencyScale.Lowest(cell), LatencyScale.Lowest(cell + 1));
            Assert.True(Math.Abs(LatencyScale.Middle(cell) - value) <= Math.Max(0.5, value * 0.05), $"{value}");
        }

        Assert.Equal(LatencyScale.Cells - 1, LatencyScale.Cell(long.MaxValue));
        Assert.Equal(0, LatencyScale.Cell(-5));
    }

    [Fact]
    public void Calls_fall_on_their_side_of_a_buckets_edge()
    {
        var grain = recorder.Grain("worker");
        time.Pass(TimeSpan.FromSeconds(9.999));
        Call(grain, TimeSpan.Zero);
        time.Pass(TimeSpan.FromSeconds(0.001));
        Call(grain, TimeSpan.Zero, failed: true);
        Call(grain, TimeSpan.Zero);

        var view = recorder.Snapshot(TimeSpan.FromSeconds(20));
        var activity = Assert.Single(Assert.Single(view.Silos).Grains);
        Assert.Equal([1L, 2L], activity.CallsByBucket);
        Assert.Equal([0L, 1L], activity.ErrorsByBucket);
        Assert.Equal((3L, 1L), (activity.Calls, activity.Errors));
        Assert.Equal(TwoClocks.Start, view.From);
        Assert.Equal(view.Bucket * 1, recorder.Snapshot(TimeSpan.FromSeconds(1)).From - view.From);
    }

    [Fact]
    public void After_an_hour_the_oldest_goes_and_the_totals_stay()
    {
        var grain = recorder.Grain("worker");
        for (var i = 0; i < 1000; i++)
        {
            Call(grain, TimeSpan.FromMilliseconds(1));
            time.Pass(BucketClock.Bucket - TimeSpan.FromMilliseconds(1));
        }

        var activity = recorder.Snapshot(TimeSpan.FromDays(1)).Silos[0].Grains[0];
        Assert.Equal(360, activity.CallsByBucket.Count);
        Assert.Equal(359, activity.Calls);
        Assert.Equal(0, activity.CallsByBucket[^1]);
        Assert.Contains("agentmesh_silo_calls_total{grain=\"worker\"} 1000\n", PrometheusText.Write(recorder), StringComparison.Ordinal);

        time.Pass(TimeSpan.FromHours(2));
        Assert.Equal(0, recorder.Snapshot(TimeSpan.FromHours(1)).Silos[0].Grains[0].Calls);
    }

    [Fact]
    public void A_wall_clock_that_is_set_back_moves_the_times_and_no_counts()
    {
        var grain = recorder.Grain("worker");
        Call(grain, TimeSpan.Zero);
        time.Pass(BucketClock.Bucket);
        Call(grain, TimeSpan.Zero);
        time.SetBack(TimeSpan.FromMinutes(30));
        Call(grain, TimeSpan.Zero);
        var view = recorder.Snapshot(TimeSpan.FromSeconds(20));
        Assert.Equal([1L, 2L], view.Silos[0].Grains[0].CallsByBucket);
        Assert.Equal(TwoClocks.Start - TimeSpan.FromMinutes(30), view.From);
    }

    [Fact]
    public void Percentiles_gauges_memory_and_queue_are_those_of_the_calls()
    {
        var grain = recorder.Grain("worker");
        grain.Activated();
        grain.Activated();
        grain.Deactivated();
        for (var i = 0; i < 98; i++) Call(grain, TimeSpan.FromMilliseconds(4));
        Call(grain, TimeSpan.FromSeconds(2));
        Call(grain, TimeSpan.FromSeconds(2));
        grain.Begin();
        var silo = recorder.Snapshot(TimeSpan.FromSeconds(10)).Silos[0];
        Assert.InRange(silo.Grains[0].P50, 3.8, 4.2);
        Assert.InRange(silo.Grains[0].P99, 1900, 2100);
        Assert.Equal((1, 1, 1000L), (silo.Grains[0].Activations, silo.Queue[^1], silo.Memory[^1]));
    }

    [Fact]
    public void Inference_shows_mean_batch_tokens_and_queue()
    {
        var device = recorder.Device("tiny", "gpu0", 4);
        device.Is(busy: 1, queued: 1);
        time.Pass(TimeSpan.FromSeconds(5));
        device.Is(busy: 2, queued: 0);
        time.Pass(TimeSpan.FromSeconds(5));
        device.Generated(50);
        device.Is(busy: 0, queued: 0);
        time.Pass(TimeSpan.FromSeconds(5));
        var shown = recorder.Snapshot(TimeSpan.FromSeconds(20)).Silos[0].Inference[0];
        Assert.Equal([1.5, 0], shown.Batch);
        Assert.Equal([0, 10], shown.TokensPerSecond);
        Assert.Equal([0, 0], shown.Queue);
        Assert.Same(device, recorder.Device("tiny", "gpu0", 4));
    }

    [Fact]
    public void Views_of_several_silos_are_brought_to_the_same_buckets()
    {
        using var other = new ActivityRecorder("silo-2", time, () => 7, () => 0);
        Call(other.Grain("worker"), TimeSpan.Zero);
        var early = other.Snapshot(TimeSpan.FromSeconds(20));
        time.Pass(BucketClock.Bucket);
        Call(recorder.Grain("worker"), TimeSpan.Zero);
        var merged = ActivityMerge.Merge([recorder.Snapshot(TimeSpan.FromSeconds(20)), early]);
        Assert.Equal(early.From, merged.From);
        Assert.Equal(["silo-1", "silo-2"], merged.Silos.Select(s => s.Silo));
        Assert.Equal([0L, 0L, 1L], merged.Silos[0].Grains[0].CallsByBucket);
        Assert.Equal([0L, 1L, 0L], merged.Silos[1].Grains[0].CallsByBucket);
        Assert.Equal(3, JsonSerializer.Deserialize(JsonSerializer.Serialize(merged, MeshJson.Default.ActivityView), MeshJson.Default.ActivityView)!.Silos[1].Memory.Count);
    }

    [Fact]
    public void Prometheus_gets_every_family_with_cumulative_buckets()
    {
        var grain = recorder.Grain("a\"b");
        Call(grain, TimeSpan.FromMilliseconds(2));
        Call(grain, TimeSpan.FromSeconds(100), failed: true);
        recorder.Device("tiny", "cpu", 2).Generated(5);
        var text = PrometheusText.Write(recorder);
        foreach (var line in new[]
        {
            "agentmesh_silo_calls_total{grain=\"a\\\"b\"} 2", "agentmesh_silo_errors_total{grain=\"a\\\"b\"} 1", "agentmesh_silo_call_seconds_bucket{grain=\"a\\\"b\",le=\"0.001\"} 0",
            "agentmesh_silo_call_seconds_bucket{grain=\"a\\\"b\",le=\"0.0025\"} 1", "agentmesh_silo_call_seconds_bucket{grain=\"a\\\"b\",le=\"+Inf\"} 2",
            "agentmesh_silo_call_seconds_count{grain=\"a\\\"b\"} 2", "agentmesh_silo_activations{grain=\"a\\\"b\"} 0", "agentmesh_goals_moving 3",
            "agentmesh_inference_slots{model=\"tiny\",device=\"cpu\"} 2", "agentmesh_inference_tokens_total{model=\"tiny\",device=\"cpu\"} 5", "agentmesh_process_memory_bytes 1000",
        }) Assert.Contains(line + "\n", text, StringComparison.Ordinal);
        Assert.All(text.TrimEnd('\n').Split('\n'), l => Assert.Matches("^(# (HELP|TYPE) agentmesh_[a-z_]+ .+|agentmesh_[a-z_]+(\\{.+\\})? [0-9.E+-]+)$", l));
    }

    [Fact]
    public void Concurrent_calls_are_all_counted_and_types_beyond_the_limit_share_one_meter()
    {
        using var real = new ActivityRecorder("silo", TimeProvider.System, () => 0, () => 0);
        Parallel.For(0, 40_000, i => Call(real.Grain($"type-{i % 50}"), i));
        Assert.InRange(real.Grains.Count(), 2, ActivityRecorder.MostTypes);
        Assert.Equal(40_000, real.Grains.Sum(g => g.Lifetime()[..LatencyScale.Cells].Sum()));
        Assert.Equal(20_000, real.Grains.Sum(g => g.Lifetime()[LatencyScale.Cells]));
        Assert.All(real.Grains, g => Assert.Equal(0, g.InFlight));
    }

    private static void Call(GrainMeter grain, int i) => grain.End(grain.Begin(), i % 2 == 0);

    private void Call(GrainMeter grain, TimeSpan takes, bool failed = false)
    {
        var begun = grain.Begin();
        time.Pass(takes);
        grain.End(begun, failed);
    }

    /// <summary>A wall clock and a monotonic one that can disagree.</summary>
    private sealed class TwoClocks : TimeProvider
    {
        public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private TimeSpan passed = TimeSpan.FromDays(3);
        private DateTimeOffset wall = Start;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => passed.Ticks;

        public override DateTimeOffset GetUtcNow() => wall;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);

        public void Pass(TimeSpan by) => (passed, wall) = (passed + by, wall + by);

        public void SetBack(TimeSpan by) => wall -= by;
    }
}
