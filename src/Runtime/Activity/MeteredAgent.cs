using System.Collections.Concurrent;
using AgentMesh.Agents;

namespace AgentMesh.Runtime.Activity;

/// <summary>Meters the attempts that run in this process by their role: an engine without grains shows its agents so.</summary>
public sealed class MeteredAgent(IAgent agent, ActivityRecorder activity) : IAgent
{
    private readonly ConcurrentDictionary<string, GrainMeter> meters = new(StringComparer.Ordinal);

    public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
    {
        var meter = meters.GetOrAdd(work.Role.Name, static (role, activity) => activity.Grain(role), activity);
        meter.Activated();
        var begun = meter.Begin();
        var failed = true;
        try
        {
            var outcome = await agent.Run(work, calls, ct);
            failed = outcome is StepOutcome.Failed;
            return outcome;
        }
        catch (StepSuspendedException)
        {
            // It waits for a person, and that is no error.
            failed = false;
            throw;
        }
        finally
        {
            meter.End(begun, failed);
            meter.Deactivated();
        }
    }
}
