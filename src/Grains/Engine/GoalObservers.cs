using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Runtime;
using Orleans.Utilities;

namespace AgentMesh.Grains.Engine;

/// <summary>Tells a goal's observers of its appends, for as long as there are any. For its grain's turns only.</summary>
internal sealed class GoalObservers(GoalId goal, GoalDesk desk, ObserverManager<IGoalObserver> observers) : IDisposable
{
    private readonly CancellationTokenSource ended = new();
    private Task telling = Task.CompletedTask;

    /// <summary>Adds an observer, or renews it.</summary>
    public void Subscribe(IGoalObserver observer)
    {
        observers.Subscribe(observer, observer);
        if (telling.IsCompleted) telling = Tell();
    }

    public void Unsubscribe(IGoalObserver observer) => observers.Unsubscribe(observer);

    public void Dispose() => ended.Cancel();

    private async Task Tell()
    {
        try
        {
            await foreach (var entries in desk.News(goal, ended.Token))
            {
                await observers.Notify(observer => observer.Appended(goal, entries));
                if (observers.Count == 0) return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or JournalUnavailableException)
        {
            // The orchestrator leaves, or what was missed cannot be read now. Observers renew, with this orchestrator or the next.
        }
    }
}
