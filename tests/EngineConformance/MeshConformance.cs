using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>
/// What every engine does alike. An engine inherits this and says how it is started; each test has an engine and a world of its own.
/// Nothing here waits for a while and hopes: tests follow the journal and the world.
/// </summary>
public abstract partial class MeshConformance : IAsyncDisposable
{
    /// <summary>Milliseconds that no test takes unless it hangs.</summary>
    protected const int Limit = 180_000;

    private readonly World world = new();
    private IMeshUnderTest? under;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected abstract Task<IMeshUnderTest> Start(MeshSetup setup);

    public async ValueTask DisposeAsync()
    {
        if (under is not null) await under.DisposeAsync();
        world.Dispose();
        GC.SuppressFinalize(this);
    }

    private IMesh Mesh => under!.Mesh;

    private async Task Begin(bool mayHoldTime = false) => under = await Start(new MeshSetup(world.Address, mayHoldTime));

    private async Task<GoalId> Begin(GoalSpec spec, bool mayHoldTime = false)
    {
        await Begin(mayHoldTime);
        return await Mesh.Submit(spec, ct: Ct);
    }

    private async Task CrashAndRestart(params IReadOnlyList<string> gatesToOpen)
    {
        await under!.Crash();
        foreach (var gate in gatesToOpen) world.OpenGate(gate);
        await under.Restart();
    }

    /// <summary>The goal's journal, once it is over.</summary>
    private async Task<IReadOnlyList<JournalEntry>> Whole(GoalId goal)
    {
        var entries = new List<JournalEntry>();
        await foreach (var entry in Mesh.Events(goal, follow: true, ct: Ct)) entries.Add(entry);
        Assert.Equal(Enumerable.Range(1, entries.Count).Select(i => (long)i), entries.Select(e => e.Sequence));
        Assert.IsType<GoalEnded>(entries[^1].Event);
        return entries;
    }

    private async Task<GoalEnded> End(GoalId goal) => (GoalEnded)(await Whole(goal))[^1].Event;

    private async Task<GoalEnded> Completed(GoalId goal)
    {
        var ended = await End(goal);
        Assert.True(ended.Status == GoalStatus.Completed, ended.Reason);
        return ended;
    }

    /// <summary>Waits until the journal has such an event.</summary>
    private async Task<T> Seen<T>(GoalId goal, Func<T, bool>? wanted = null) where T : GoalEvent
    {
        await foreach (var entry in Mesh.Events(goal, follow: true, ct: Ct))
            if (entry.Event is T e && (wanted is null || wanted(e))) return e;
        throw new InvalidOperationException($"The goal ended without {typeof(T).Name}.");
    }

    private async Task<GoalView> Waiting(GoalId goal)
    {
        var view = await Mesh.Wait(goal, Ct);
        Assert.Equal(GoalStatus.Waiting, view.Status);
        return view;
    }

    private async Task<string> Text(GoalId goal, string step) =>
        (await Mesh.Get(goal, Ct)).Artifacts.Single(a => a.Id.Value == step).Value!.Value.GetProperty("text").GetString()!;

    private static async Task<string> Code(Func<Task> call) => (await Assert.ThrowsAsync<MeshException>(call)).Code;

    private static List<T> Of<T>(IEnumerable<JournalEntry> entries) where T : GoalEvent => [.. entries.Select(e => e.Event).OfType<T>()];
}
