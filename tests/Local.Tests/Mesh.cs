using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Local.Tests;

/// <summary>An engine with one role, one-step plans, and an agent that each test writes itself.</summary>
internal sealed class Mesh : IAsyncDisposable
{
    private static readonly MeshCatalogue Catalogue = MeshCatalogue.Empty with
    {
        Roles = new Dictionary<string, RoleDescriptor>(StringComparer.Ordinal) { ["worker"] = new() { Name = "worker", Purpose = "works" } },
    };

    public Mesh(Func<StepWork, IAgentCalls, CancellationToken, Task<StepOutcome>> agent, LocalOptions? options = null, IJournal? journal = null, TimeProvider? time = null)
    {
        Journal = journal ?? new InMemoryJournal();
        time ??= TimeProvider.System;
        Engine = new LocalEngine(
            options ?? new LocalOptions(), Journal,
            host => new GoalWork(
                host, new PlanRunner(new OneStep(), Catalogue),
                new LocalAttempts(
                    host, new StepRunner(new Agent(agent), new Toolbox([]), NoModels.Instance, new NoContent(), Catalogue, new RuntimeOptions(), time, NullLogger<StepRunner>.Instance),
                    NullLogger<LocalAttempts>.Instance),
                NullLogger<GoalWork>.Instance),
            $"host-{Guid.NewGuid():N}", time, NullLogger<LocalEngine>.Instance);
        Face = new LocalMesh(Engine, Journal, Catalogue, new TimeOrderedGoalIds(time));
    }

    public LocalEngine Engine { get; }
    public LocalMesh Face { get; }
    public IJournal Journal { get; }

    public static StepOutcome Done { get; } = new StepOutcome.Completed(MeshJson.Parse("""{"ok":true}"""), 1, "rules", Rationale.Because("done"));

    public static GoalSpec Spec(string tenant = "default", TimeSpan? timeout = null) =>
        new() { Text = "work", Tenant = tenant, Constraints = new GoalConstraints { Timeout = timeout } };

    /// <summary>The goal's last entry, once it is there.</summary>
    public async Task<GoalEnded> End(GoalId goal)
    {
        await foreach (var entry in Face.Events(goal, follow: true, ct: TestContext.Current.CancellationToken))
            if (entry.Event is GoalEnded ended) return ended;
        throw new InvalidOperationException("The feed ended before the goal did.");
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private sealed class Agent(Func<StepWork, IAgentCalls, CancellationToken, Task<StepOutcome>> run) : IAgent
    {
        public Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct) => run(work, calls, ct);
    }

    private sealed class OneStep : IPlanner
    {
        public Task<PlanMade> Plan(PlanRequest request, GoalBudget budget, CancellationToken ct) => Task.FromResult(new PlanMade(
            request.Version > 1 ? null : new Plan
            {
                Version = 1, Proposer = "test", Why = Rationale.Because("test"), Deliver = [new("a")],
                Steps = [new PlanStep { Id = new("a"), Role = "worker", Instruction = "work", Produces = "note" }],
            },
            ["no other plan"], null));
    }

    private sealed class NoContent : IContentStore
    {
        public Task<ContentRef> Put(ReadOnlyMemory<byte> content, string mediaType, CancellationToken ct) => throw new NotSupportedException();

        public Task<ReadOnlyMemory<byte>> Get(ContentRef content, CancellationToken ct) => throw new NotSupportedException();
    }
}

/// <summary>A journal that can be away for a while.</summary>
internal sealed class FlakyJournal(IJournal inner) : IJournal
{
    private int failures;

    /// <summary>How many of the next calls fail.</summary>
    public void FailNext(int calls) => Volatile.Write(ref failures, calls);

    public ValueTask Append(JournalAppend append, CancellationToken ct = default)
    {
        Check();
        return inner.Append(append, ct);
    }

    public Task<IReadOnlyList<JournalEntry>> Read(GoalId goal, long after = 0, CancellationToken ct = default)
    {
        Check();
        return inner.Read(goal, after, ct);
    }

    public Task<IReadOnlyList<GoalId>> Unfinished(CancellationToken ct = default) => inner.Unfinished(ct);

    public Task<IReadOnlyList<GoalId>> Due(DueQuery query, CancellationToken ct = default) => inner.Due(query, ct);

    public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => inner.List(query, ct);

    private void Check()
    {
        if (Interlocked.Decrement(ref failures) >= 0) throw new JournalUnavailableException("The store is away.");
        Volatile.Write(ref failures, 0);
    }
}
