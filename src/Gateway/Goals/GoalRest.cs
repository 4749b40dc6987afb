using AgentMesh.Contracts;
using AgentMesh.Gateway.Security;
using Microsoft.Extensions.Hosting;

namespace AgentMesh.Gateway.Goals;

/// <summary>Waits for a goal, but not for ever.</summary>
internal sealed class GoalRest(TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>The goal when it is over or only a person can move it, or, as it is then, when the time is up or the server stops.</summary>
    public async Task<GoalView> Of(CallerMesh mesh, GoalId goal, TimeSpan patience, CancellationToken ct)
    {
        using var clock = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, clock.Token, lifetime.ApplicationStopping);
        try
        {
            return await mesh.Wait(goal, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return await mesh.Get(goal, ct);
        }
    }
}
