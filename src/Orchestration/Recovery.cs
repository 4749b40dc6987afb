using System.Collections.Immutable;
using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>What is still to be done for a goal that was read back from its journal.</summary>
public static class Recovery
{
    /// <summary>Empty for a goal that ended. Everything here may have been under way before and is safe to begin again.</summary>
    public static ImmutableArray<Command> Commands(GoalState state)
    {
        if (state.Ended is not null) return [];
        var commands = ImmutableArray.CreateBuilder<Command>();
        if (state.Spec.Constraints.Timeout is { } timeout && state.Ending is null)
            commands.Add(new Command.StartTimer(Timers.Deadline, state.SubmittedAt + timeout));
        if (state.Planning > 0) commands.Add(new Command.MakePlan(state.Planning));
        if (state.Ending is not null) commands.Add(new Command.StartTimer(Timers.Grace, state.UpdatedAt + Timers.GracePeriod));

        foreach (var step in state.Steps)
        {
            if (step.Status == StepStatus.Running && state.Ending is { } ending)
                commands.Add(new Command.StopStep(step.Id, step.Attempt, ending.Reason));
            else if (step.Status == StepStatus.Running)
                commands.Add(new Command.RunStep(step.Id, step.Attempt));
            else if (step.Status == StepStatus.BackingOff)
                commands.Add(new Command.StartTimer(Timers.Retry(step.Id, step.Attempt + 1), step.RetryAt!.Value));
        }

        return commands.DrainToImmutable();
    }
}
