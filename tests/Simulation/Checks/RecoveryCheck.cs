using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Simulation;

/// <summary>Whether a host that knows nothing but the journal, cut off here, would go on.</summary>
internal static class RecoveryCheck
{
    /// <returns>What is missing; null when nothing is.</returns>
    public static string? Lacks(GoalState state)
    {
        var commands = Orchestration.Recovery.Commands(state);
        if (state.Ended is not null) return commands.IsEmpty ? null : "A goal that is over is taken up again.";
        foreach (var step in state.Steps)
        {
            var found = step.Status switch
            {
                StepStatus.Running when state.Ending is not null => Has<Command.StopStep>(c => c.Step == step.Id && c.Attempt == step.Attempt),
                StepStatus.Running => Has<Command.RunStep>(c => c.Step == step.Id && c.Attempt == step.Attempt),
                StepStatus.BackingOff => Has<Command.StartTimer>(c => c.Timer == Timers.Retry(step.Id, step.Attempt + 1)),
                StepStatus.Suspended => step.WaitsFor is { } request && state.Request(request) is { IsOpen: true },
                _ => true,
            };
            if (!found) return $"Step {step.Id}, {step.Status}, would be forgotten.";
        }

        if (state.Planning > 0 && !Has<Command.MakePlan>(c => c.Version == state.Planning)) return "The plan in the making would be forgotten.";
        if (state.Ending is null && state.Spec.Constraints.Timeout is not null && !Has<Command.StartTimer>(c => c.Timer == Timers.Deadline)) return "The deadline would be forgotten.";
        if (state.Ending is not null && !Has<Command.StartTimer>(c => c.Timer == Timers.Grace)) return "The end would be forgotten.";
        return state.Planning > 0 || state.Ending is not null || state.Requests.Any(r => r.IsOpen)
            || state.Steps.Any(s => s.Status is StepStatus.Running or StepStatus.BackingOff) ? null : "Nothing would ever move the goal again.";

        bool Has<T>(Func<T, bool> that) where T : Command
        {
            foreach (var command in commands)
                if (command is T x && that(x)) return true;
            return false;
        }
    }
}
