using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using AgentMesh.Runtime.Activity;
using AgentMesh.Runtime.Telemetry;

namespace AgentMesh.Runtime.Tests;

public sealed class TelemetryTests
{
    private static readonly GoalSpec Spec = new() { Text = "work" };
    private static readonly GoalId Goal = new("g1");

    [Fact]
    public void Nobody_who_listens_costs_nothing()
    {
        JournalEntry[] entries = [new(1, DateTimeOffset.UnixEpoch, new GoalSubmitted(Goal, Spec))];
        var state = GoalMachine.Replay(entries)!;
        var step = new StepState(new PlanStep { Id = new("a"), Role = "worker", Instruction = "work", Produces = "note" }, 1);
        var tool = new ToolDescriptor { Name = "t", Description = "d", Effect = ToolEffect.Pure, Parameters = MeshJson.Parse("{}") };
        var options = new TelemetryOptions();
        var call = new CallId("a/1");
        for (var i = 0; i < 3; i++) All();
        var before = GC.GetAllocatedBytesForCurrentThread();
        All();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void All()
        {
            GoalTrace.Submit(Spec, out _)?.Dispose();
            GoalSpans.Attempt(state, step, 1)?.Dispose();
            GoalSpans.Planning(state, 1, options)?.Dispose();
            CallSpans.Tool(tool, call, Goal.Value)?.Dispose();
            MeshMetrics.Appended(entries, state);
        }
    }

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736/00f067aa0ba902b7")]
    [InlineData(null, null)]
    [InlineData("nonsense", null)]
    public void A_goals_trace_is_the_one_it_was_submitted_in_or_always_the_same_of_its_own(string? carried, string? expected)
    {
        var context = GoalTrace.Context(Goal, Spec with { Trace = carried });
        var own = GoalTrace.Context(Goal, Spec);
        Assert.Equal(expected ?? $"{own.TraceId}/{own.SpanId}", $"{context.TraceId}/{context.SpanId}");
        Assert.Equal(context, GoalTrace.Context(Goal, Spec with { Trace = carried }));
        Assert.NotEqual(context.TraceId, GoalTrace.Context(new GoalId("g2"), Spec).TraceId);
        Assert.Equal((ActivityTraceFlags.Recorded, true), (context.TraceFlags, context.IsRemote));
    }

    [Fact]
    public void Meters_are_added_up_for_prometheus()
    {
        using var meter = new Meter("test.totals");
        using var totals = new MeterTotals("test.totals");
        var counter = meter.CreateCounter<long>("test.things", "{thing}", "Things.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a\"b"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a\"b"));
        counter.Add(1);
        meter.CreateObservableGauge("test.level", () => 7, null, "Level.");
        var histogram = meter.CreateHistogram<double>("test.took", "s", "Took.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 10] });
        histogram.Record(0.5);
        histogram.Record(1);
        histogram.Record(99);

        var text = new StringBuilder();
        totals.Write(text);
        Assert.Equal(
            """
            # HELP test_level Level.
            # TYPE test_level gauge
            test_level 7
            # HELP test_things_total Things.
            # TYPE test_things_total counter
            test_things_total 1
            test_things_total{kind="a\"b"} 5
            # HELP test_took_seconds Took.
            # TYPE test_took_seconds histogram
            test_took_seconds_bucket{le="1"} 2
            test_took_seconds_bucket{le="10"} 2
            test_took_seconds_bucket{le="+Inf"} 3
            test_took_seconds_sum 100.5
            test_took_seconds_count 3

            """.ReplaceLineEndings("\n"),
            text.ToString());
    }
}
