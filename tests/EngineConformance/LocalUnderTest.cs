using AgentMesh.Contracts;
using AgentMesh.Local;
using AgentMesh.Runtime;
using AgentMesh.Runtime.Activity;
using AgentMesh.Runtime.InMemory;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.EngineConformance;

/// <summary>The single-process engine on a journal in memory that outlives it.</summary>
public sealed class LocalUnderTest : IOperatedMesh
{
    private readonly MeshSetup setup;
    private readonly ConformanceParts parts;
    private readonly InMemoryJournal journal = new();
    private readonly InMemoryContent content = new();
    private readonly ManualTime? clock;
    private MortalJournal mortal = null!;
    private LocalEngine engine = null!;
    private ActivityRecorder activity = null!;
    private int lives;

    private LocalUnderTest(MeshSetup setup) =>
        (this.setup, parts, clock) = (setup, new ConformanceParts(setup.World), setup.MayHoldTime ? new ManualTime(atOnce: true) : null);

    public IMesh Mesh { get; private set; } = null!;

    public IOperations Operations { get; private set; } = null!;

    public TimeSpan Moment => TimeSpan.FromMinutes(1);

    private TimeProvider Time => clock ?? TimeProvider.System;

    public static async Task<LocalUnderTest> Start(MeshSetup setup)
    {
        var mesh = new LocalUnderTest(setup);
        await mesh.Restart();
        return mesh;
    }

    public void Pass(TimeSpan time) => clock?.Advance(time);

    public async Task Crash()
    {
        mortal.Die();
        await DisposeAsync();
    }

    public async Task Restart()
    {
        mortal = new MortalJournal(journal);
        // Its timer would hold a clock that a test moves by days.
        activity = new ActivityRecorder("one", TimeProvider.System, () => Environment.WorkingSet, () => engine.Goals);
        Operations = new LocalOperations("one", ["agents"], "test", DateTimeOffset.UnixEpoch, activity);
        engine = new LocalEngine(
            new LocalOptions { MaxRunning = setup.MaxRunning ?? new LocalOptions().MaxRunning }, mortal,
            host => new GoalWork(
                host, new PlanRunner(parts.Planner, parts.Catalogue),
                new LocalAttempts(
                    host, new StepRunner(new MeteredAgent(parts.Agent, activity), parts.Toolbox, parts.Models, content, parts.Catalogue, parts.Runtime, Time, NullLogger<StepRunner>.Instance),
                    NullLogger<LocalAttempts>.Instance),
                NullLogger<GoalWork>.Instance),
            $"life-{++lives}", Time, NullLogger<LocalEngine>.Instance, activity);
        Mesh = new LocalMesh(engine, mortal, parts.Catalogue, new TimeOrderedGoalIds(Time));
        await engine.Recover(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        activity.Dispose();
    }

    /// <summary>A journal that takes nothing more from a life that has ended, as a dead process writes nothing more.</summary>
    private sealed class MortalJournal(IJournal inner) : IJournal
    {
        private volatile bool dead;

        public void Die() => dead = true;

        public ValueTask Append(JournalAppend append, CancellationToken ct = default) =>
            dead ? throw new JournalUnavailableException("This life has ended.") : inner.Append(append, ct);

        public Task<IReadOnlyList<JournalEntry>> Read(GoalId goal, long after = 0, CancellationToken ct = default) => inner.Read(goal, after, ct);

        public Task<IReadOnlyList<GoalId>> Unfinished(CancellationToken ct = default) => inner.Unfinished(ct);

        public Task<IReadOnlyList<GoalId>> Due(DueQuery query, CancellationToken ct = default) => inner.Due(query, ct);

        public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => inner.List(query, ct);
    }
}
