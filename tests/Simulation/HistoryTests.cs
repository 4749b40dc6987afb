using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Simulation;

/// <summary>
/// Journals that the real driver wrote once, read back by every build: what they mean must never change. Histories are added to, never edited:
/// <c>HISTORIES_WRITE=1</c> writes those that are missing and leaves the others alone.
/// </summary>
public sealed class HistoryTests
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", "Histories"));

    /// <summary>What each history shows, told from its events.</summary>
    private static readonly Dictionary<string, Func<IReadOnlyList<GoalEvent>, bool>> Shown = new(StringComparer.Ordinal)
    {
        ["happy-path"] = e => Ends(e, GoalStatus.Completed) && e.OfType<StepCompleted>().Count() >= 3 && e.OfType<ModelCalled>().Any() && e.OfType<ToolClaimed>().Any() && !e.OfType<StepFailed>().Any(),
        ["retry"] = e => Ends(e, GoalStatus.Completed) && e.OfType<RetryScheduled>().Any(),
        ["approval-approved"] = e => Ends(e, GoalStatus.Completed) && Waited(e) && e.OfType<ApprovalDecided>().Any(d => d.Verdict == ApprovalVerdict.Approved),
        ["approval-rejected"] = e => e.OfType<ApprovalDecided>().Any(d => d.Verdict == ApprovalVerdict.Rejected),
        ["approval-edited"] = e => e.OfType<ApprovalDecided>().Any(d => d.Verdict == ApprovalVerdict.Edited) && e.OfType<ToolClaimed>().Any(c => c.Arguments.GetRawText().Contains("edited", StringComparison.Ordinal)),
        ["question"] = e => Ends(e, GoalStatus.Completed) && e.OfType<QuestionAsked>().Any(q => q is { Step: not null, Call: null }),
        ["unknown-happened"] = e => e.OfType<ToolUnknown>().Any() && e.OfType<ToolReturned>().Any(r => r is { Reconciled: true, Error: null }),
        ["unknown-repeated"] = e => e.OfType<ToolUnknown>().Any() && e.OfType<ToolClaimed>().GroupBy(c => c.Call).Any(g => g.Count() > 1),
        ["replan"] = e => Ends(e, GoalStatus.Completed) && e.OfType<ReplanRequested>().Any(),
        ["cancel-while-running"] = e => Ends(e, GoalStatus.Cancelled) && e.OfType<StepFailed>().Any(f => f.Error.Contains("cancelled", StringComparison.Ordinal)),
        ["deadline"] = e => e.OfType<TimerFired>().Any(t => t.Timer == Timers.Deadline),
        ["spawn"] = e => Ends(e, GoalStatus.Completed) && e.OfType<StepsSpawned>().Any(),
        ["budget"] = e => e.OfType<StepFailed>().Any(f => f.Kind == FailureKind.Budget),
        ["skipped-by-condition"] = e => e.OfType<StepSkipped>().Any(s => s.Reason.Contains("condition", StringComparison.Ordinal)),
        ["no-plan-then-answer"] = e => e.OfType<PlanRejected>().Any() && e.OfType<QuestionAnswered>().Any(a => a.Request.Value.StartsWith("plan-", StringComparison.Ordinal)),
    };

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.jsonl").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Means_what_it_always_meant(string name)
    {
        var entries = File.ReadLines(Path.Combine(Folder, $"{name}.jsonl")).Select(line => JsonSerializer.Deserialize(line, MeshJson.Default.JournalEntry)!).ToList();
        Assert.Equal(Enumerable.Range(1, entries.Count).Select(i => (long)i), entries.Select(e => e.Sequence));
        // The stored view is read and written again, so that a value may be spelt otherwise by later code but never mean something else.
        var meant = JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(Folder, $"{name}.view.json")), MeshJson.Default.GoalView)!;
        Assert.Equal(JsonSerializer.Serialize(meant, MeshJson.Default.GoalView), View(entries));
        if (Shown.TryGetValue(name, out var shown)) Assert.True(shown([.. entries.Select(e => e.Event)]), $"{name} does not show what its name says.");
    }

    [Fact]
    public void There_is_one_for_everything_that_can_happen_to_a_goal()
    {
        if (Environment.GetEnvironmentVariable("HISTORIES_WRITE") is "1") Write();
        Assert.All(Shown.Keys, name => Assert.True(File.Exists(Path.Combine(Folder, $"{name}.jsonl")), $"{name}.jsonl is missing."));
    }

    // The shortest of some thousand simulated goals that shows it.
    private static void Write()
    {
        var found = new Dictionary<string, IReadOnlyList<JournalEntry>>(StringComparer.Ordinal);
        for (var seed = 1UL; seed <= 6_000; seed++)
        {
            var entries = Simulator.Run(seed).Journal.Entries;
            List<GoalEvent> events = [.. entries.Select(e => e.Event)];
            foreach (var (name, shown) in Shown)
                if ((!found.TryGetValue(name, out var best) || best.Count > entries.Count) && shown(events)) found[name] = entries;
        }

        foreach (var (name, entries) in found)
        {
            var file = Path.Combine(Folder, $"{name}.jsonl");
            if (File.Exists(file)) continue;
            File.WriteAllLines(file, entries.Select(e => JsonSerializer.Serialize(e, MeshJson.Default.JournalEntry)));
            File.WriteAllText(Path.Combine(Folder, $"{name}.view.json"), View(entries) + "\n");
        }
    }

    private static string View(IEnumerable<JournalEntry> entries) =>
        JsonSerializer.Serialize(GoalProjection.View(GoalMachine.Replay(entries)!), MeshJson.Default.GoalView);

    private static bool Ends(IReadOnlyList<GoalEvent> events, GoalStatus status) => events[^1] is GoalEnded ended && ended.Status == status;

    private static bool Waited(IReadOnlyList<GoalEvent> events) => events.OfType<StepSuspended>().Any();

    private static string Here([CallerFilePath] string path = "") => path;
}
