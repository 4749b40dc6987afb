using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>Whether a pending step can start now, must wait, or will never run.</summary>
internal abstract record Readiness
{
    public sealed record ReadyNow : Readiness;
    public sealed record NotYet : Readiness;
    public sealed record Never(string Reason) : Readiness;

    public static readonly ReadyNow Ready = new();
    public static readonly NotYet Wait = new();

    public static Readiness Of(GoalState state, StepState step)
    {
        foreach (var input in step.Definition.Inputs)
        {
            if (state.Artifact(input) is not null) continue;
            var producer = state.Step(new StepId(input.Value));
            if (producer is null) return new Never($"Its input {input.Value} does not exist.");
            if (!producer.IsOver) return Wait;
            if (!producer.Definition.Optional) return new Never($"Its input {input.Value} was not made: step {producer.Id.Value} {Words(producer.Status)}.");
        }

        if (step.Definition.When is not { } when) return Ready;
        var met = Condition.Parse(when).Evaluate(id => state.Artifact(id)?.Value);
        return met ? Ready : new Never($"Its condition does not hold: {when}");
    }

    private static string Words(StepStatus status) => status switch
    {
        StepStatus.Skipped => "was skipped",
        StepStatus.Cancelled => "was cancelled",
        _ => "failed",
    };
}
