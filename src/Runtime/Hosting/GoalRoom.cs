using System.Collections.Concurrent;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>Places for goals that move at once on one host. Submits wait for a place; goals that are taken up again do not.</summary>
/// <param name="places">How many goals move at once.</param>
/// <param name="patience">How long a submit waits for a place.</param>
public sealed class GoalRoom(int places, TimeSpan patience, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim free = new(places);
    private readonly ConcurrentDictionary<GoalId, bool> holders = new();

    /// <exception cref="MeshException">Code <c>overloaded</c>: no place in time.</exception>
    public async ValueTask Enter(GoalId goal, CancellationToken ct)
    {
        if (!free.Wait(0, CancellationToken.None) && !await Wait(ct))
            throw new MeshException("overloaded", $"{places} goals are moving already. Try again in a moment.");
        // A submit that is repeated while the goal moves takes no second place: there is one to give back.
        if (!holders.TryAdd(goal, true)) free.Release();
    }

    /// <summary>The goal rests or is over. No error for one that holds no place.</summary>
    public void Leave(GoalId goal)
    {
        if (holders.TryRemove(goal, out _)) free.Release();
    }

    public void Dispose() => free.Dispose();

    private async Task<bool> Wait(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            await free.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
