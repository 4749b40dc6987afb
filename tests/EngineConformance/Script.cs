using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>Writes goals that say themselves how they are to go: their plans travel with them as an input.</summary>
public static class Script
{
    /// <summary>The kind that every step makes.</summary>
    public const string Note = "note";

    /// <summary>The kind of the input that holds the plans.</summary>
    public const string Plans = "plans";

    /// <summary>Delays short enough not to wait for, long enough to be seen in a journal.</summary>
    public static readonly RetryPolicy Retries = new(3, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20));

    /// <param name="instruction">See <see cref="ScriptAgent"/>.</param>
    public static PlanStep Step(string id, string instruction, params IReadOnlyList<string> inputs) => new()
    {
        Id = new(id), Role = "worker", Instruction = instruction, Produces = Note, Inputs = [.. inputs.Select(i => new ArtifactId(i))], Retry = Retries,
    };

    /// <summary>A plan that delivers its last step.</summary>
    public static Plan Plan(params IReadOnlyList<PlanStep> steps) => new()
    {
        Version = 1, Steps = steps, Deliver = [steps[^1].Id.Artifact], Proposer = "script", Why = Rationale.Because("The script says so."),
    };

    /// <param name="plans">One for each version.</param>
    public static GoalSpec Goal(params IReadOnlyList<Plan> plans) => new()
    {
        Text = "Do what the script says.",
        Inputs =
        [
            new Artifact
            {
                Id = new("in-1"), Kind = Plans, Trust = Trust.User, Origin = new Origin(null, "the test", null),
                Value = MeshJson.Parse($"[{string.Join(',', plans.Select(p => JsonSerializer.Serialize(p, MeshJson.Default.Plan)))}]"),
            },
        ],
    };

    /// <summary>A goal of independent or chained steps under one plan.</summary>
    public static GoalSpec Goal(params IReadOnlyList<PlanStep> steps) => Goal(Plan(steps));

    public static GoalSpec With(this GoalSpec spec, Func<GoalConstraints, GoalConstraints> change) => spec with { Constraints = change(spec.Constraints) };
}
