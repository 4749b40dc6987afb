using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Runtime;
using Orleans.Utilities;

namespace AgentMesh.Grains.Engine;

/// <summary>Tells a goal's observers of its appends.</summary>
internal sealed class GoalObservers : IDisposable
{
    private readonly ObserverManager<IGoalObserver> observers;
    private readonly CancellationTokenSource ended = new();

    private GoalObservers(ObserverManager<IGoalObserver> observers) => this.observers = observers;

    public static GoalObservers Start(GoalId goal, GoalDesk desk, ObserverManager<IGoalObserver> observers)
    {
        var mine = new GoalObservers(observers);
        _ = mine.Tell(goal, desk);
        return mine;
    }

    public void Subscribe(IGoalObserver observer) => observers.Subscribe(observer, observer);

    public void Unsubscribe(IGoalObserver observer) => observers.Unsubscribe(observer);

    public void Dispose() => ended.Cancel();

    private async Task Tell(GoalId goal, GoalDesk desk)
    {
        try
        {
            await foreach (var news in desk.News(goal, ended.Token))
                await observers.Notify(observer => observer.Appended(goal, news.Entries));
        }
        catch (OperationCanceledException)
        {
            // The orchestrator leaves; observers subscribe again with the next.
        }
    }
}
