using System.Diagnostics;
using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Bench;

/// <summary>The journal alone: goals side by side, five appends each, twenty small events a goal.</summary>
public static class JournalBench
{
    public sealed record Result(int Goals, int Concurrency, double Seconds, double P50Ms, double P99Ms)
    {
        public double GoalsPerSecond => Goals / Seconds;
        public double AppendsPerSecond => Goals * AppendsPerGoal / Seconds;
        public override string ToString() => $"{Concurrency} at once: {GoalsPerSecond:0} goals/s, {AppendsPerSecond:0} appends/s, append p50 {P50Ms:0.00} ms, p99 {P99Ms:0.00} ms";
    }

    public const int AppendsPerGoal = 5;

    public static async Task<Result> Run(IJournal journal, int goals, int concurrency, string prefix)
    {
        var next = 0;
        var times = new List<double>[concurrency];
        var since = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(worker => Task.Run(async () =>
        {
            times[worker] = new List<double>(goals * AppendsPerGoal / concurrency + 16);
            for (int n; (n = Interlocked.Increment(ref next)) <= goals;)
            {
                var goal = new GoalId($"{prefix}{n:d10}");
                long sequence = 0;
                for (var i = 0; i < AppendsPerGoal; i++)
                {
                    var append = Append(goal, sequence, i);
                    var start = Stopwatch.GetTimestamp();
                    await journal.Append(append);
                    times[worker].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    sequence += append.Entries.Count;
                }
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        var all = times.SelectMany(t => t).Order().ToArray();
        return new(goals, concurrency, seconds, all[all.Length / 2], all[(int)(all.Length * 0.99)]);
    }

    private static JournalAppend Append(GoalId goal, long sequence, int index)
    {
        var now = DateTimeOffset.UtcNow;
        GoalEvent[] events = index switch
        {
            0 => [
                new GoalSubmitted(goal, new GoalSpec { Text = "Answer the customer's email and open a ticket." }),
                new PlanAccepted(new Plan { Version = 1, Proposer = "playbook:support", Why = Rationale.Because("The playbook matches the attachment."),
                    Steps = [.. Enumerable.Range(1, 4).Select(s => new PlanStep { Id = new($"s{s}"), Role = "classifier", Instruction = "Classify the email.", Produces = "category", Inputs = [new("in-1")] })] }),
                .. Step(goal, 1)],
            4 => [new StepCompleted(new("s4"), 1, Value("s4"), 0.9, "rules", Rationale.Because("Done.")), new GoalEnded(GoalStatus.Completed, "All steps completed.", [new("s4")])],
            _ => [new StepCompleted(new($"s{index}"), 1, Value($"s{index}"), 0.9, "rules", Rationale.Because("Four words of billing.")), .. Step(goal, index + 1)],
        };
        var entries = new JournalEntry[events.Length];
        for (var i = 0; i < events.Length; i++) entries[i] = new(sequence + 1 + i, now, events[i]);
        var summary = index switch
        {
            0 => new GoalSummary(goal, "default", "Answer the customer's email and open a ticket.", GoalStatus.Running, now, now, sequence + events.Length),
            4 => new GoalSummary(goal, "default", "Answer the customer's email and open a ticket.", GoalStatus.Completed, now, now, sequence + events.Length),
            _ => null,
        };
        return new(goal, sequence, entries, summary, "bench-1");
    }

    private static IEnumerable<GoalEvent> Step(GoalId goal, int n) =>
    [
        new StepStarted(new($"s{n}"), 1, AgentId.Of(goal, "classifier", n)),
        new ModelCalled(new($"s{n}"), 1, CallId.Of(new($"s{n}"), 1), "fake", "0f343b0931126a20f133d67c2b018a3b", Json, new(1, 120, 30, 0, 0, 0.001)),
        new ToolReturned(new($"s{n}"), 1, CallId.Of(new($"s{n}"), 2), "fake.tool", Json, Json, null, Trust.Trusted, 0.001),
    ];

    private static Artifact Value(string id) => new() { Id = new(id), Kind = "category", Value = Json, Trust = Trust.Trusted, Origin = new(new(id), null, "rules") };
    private static readonly JsonElement Json = MeshJson.Parse("""{"label":"billing","confidence":0.93,"summary":"The customer was charged twice."}""");
}
