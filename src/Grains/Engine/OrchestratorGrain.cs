using System.Runtime.CompilerServices;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains.Placement;
using AgentMesh.Grains.Streams;
using AgentMesh.Runtime;
using Orleans.Concurrency;
using Orleans.Utilities;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Grains.Engine;

/// <summary>One goal's orchestrator: a shell that says where in the cluster the goal is. The goal's mailbox puts its events in order.</summary>
[GrainType(GrainTypes.Orchestrator), Reentrant, RunsOn("agents")]
internal sealed class OrchestratorGrain(GoalHosting hosting, GoalDesk desk, MeshCatalogue catalogue, TimeProvider time, ILogger<OrchestratorGrain> log)
    : Grain, IOrchestratorGrain, IGoalGrain, IStreamConsumer<AttemptReport>
{
    private const string NotOwner = "not-owner";

    // A goal that moves is not idle, however long nobody calls.
    private static readonly TimeSpan AtWork = TimeSpan.FromDays(1);
    private static readonly TimeSpan ObserverLife = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(25);
    private GoalObservers? observers;

    private GoalId Goal => new(this.GetPrimaryKeyString());

    public Task Submit(GoalSpec spec, CancellationToken ct = default) => Submit(spec, isNew: false, ct);

    public Task SubmitNew(GoalSpec spec, CancellationToken ct) => Submit(spec, isNew: true, ct);

    public Task<GoalView> Get(CancellationToken ct = default) => Served(() => desk.Get(Goal, ct));

    public async Task<GoalView?> Wait(TimeSpan patience, CancellationToken ct = default)
    {
        using var limit = new CancellationTokenSource(patience < LongestWait ? patience : LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, hosting.Stopping, limit.Token);
        try
        {
            return await Served(() => desk.Wait(Goal, either.Token));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    public async IAsyncEnumerable<JournalEntry> Events(long after, bool follow, [EnumeratorCancellation] CancellationToken ct = default)
    {
        // A silo that stops lets its followers go: they go on where the goal does.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, hosting.Stopping);
        await using var events = desk.Events(Goal, after, follow, follow ? limit.Token : ct).GetAsyncEnumerator(CancellationToken.None);
        while (await Next()) yield return events.Current;

        async ValueTask<bool> Next()
        {
            try
            {
                return await events.MoveNextAsync();
            }
            catch (OperationCanceledException) when (follow && !ct.IsCancellationRequested)
            {
                return false;
            }
            catch (Exception e) when (Code(e) is { } code)
            {
                throw new MeshException(code, e.Message);
            }
        }
    }

    public Task Decide(ApprovalDecided decision, CancellationToken ct = default) => Served(() => desk.Decide(Goal, decision, ct));

    public Task Answer(QuestionAnswered answer, CancellationToken ct = default) => Served(() => desk.Answer(Goal, answer, ct));

    public Task Tell(MessageReceived message, CancellationToken ct = default) => Served(() => desk.Tell(Goal, message, ct));

    public Task Cancel(CancelRequested request, CancellationToken ct = default) => Served(() => desk.Cancel(Goal, request, ct));

    public Task<GoalSpec> Fork(ForkRequest request, CancellationToken ct = default) => Served(() => desk.Fork(Goal, request, ct));

    public Task Observe(IGoalObserver observer)
    {
        observers ??= new GoalObservers(Goal, desk, new ObserverManager<IGoalObserver>(ObserverLife, log));
        observers.Subscribe(observer);
        return Task.CompletedTask;
    }

    public Task Unobserve(IGoalObserver observer)
    {
        observers?.Unsubscribe(observer);
        return Task.CompletedTask;
    }

    public Task<string?> Deliver(IReadOnlyList<GoalEvent> events) => Served(async () => (await hosting.Deliver(Goal, new(events))).Refusal);

    public Task Wake() => Served(() => hosting.Deliver(Goal, new([]), resume: true));

    public Task Receive(AttemptReport item) => Served(() => hosting.Deliver(Goal, new(item.Events, item.Seen)));

    public Task<string?> Reserve(string call, Usage most) => Served(async () => await (await Account()).Reserve(call, most));

    public Task Settle(string call, Usage actual) => Served(async () => await (await Account()).Settle(call, actual));

    public Task<long?> TokensLeft() => Served(async () => await (await Account()).TokensLeft());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        hosting.Attach(Goal, moves => DelayDeactivation(moves ? AtWork : TimeSpan.Zero));
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        observers?.Dispose();
        // What moved here moves on elsewhere; the call arrives at the next activation.
        if (hosting.Close(Goal)) hosting.Wake(Goal, TimeSpan.Zero);
        return Task.CompletedTask;
    }

    // Loading the goal orders its attempts anew, and with them opens its account.
    private async Task<GoalAccount> Account()
    {
        if (hosting.Accounts.Find(Goal) is null) await hosting.Deliver(Goal, new([]));
        return hosting.Accounts.Find(Goal) ?? throw new MeshException(NotOwner, $"No attempt of the goal {Goal.Value} runs.");
    }

    private Task Submit(GoalSpec spec, bool isNew, CancellationToken ct) => Served(async () =>
    {
        if (SubmissionCheck.Error(spec, catalogue) is { } error) throw error;
        if (await hosting.Submit(Goal, spec, isNew, ct) is { } refusal && isNew) throw new MeshException("submit-refused", refusal);
    });

    private Task Served(Func<Task> call) => Served(async () =>
    {
        await call();
        return true;
    });

    // Only errors that callers know leave the silo.
    private async Task<T> Served<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (Code(e) is { } code)
        {
            // Another activation has the goal: the next call finds it.
            if (code == NotOwner) DeactivateOnIdle();
            throw new MeshException(code, e.Message);
        }
    }

    private static string? Code(Exception e) => e switch
    {
        StaleWriterException or ObjectDisposedException => NotOwner,
        JournalUnavailableException => "journal-unavailable",
        _ => null,
    };
}
