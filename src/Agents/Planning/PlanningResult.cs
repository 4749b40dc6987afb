using AgentMesh.Contracts;

namespace AgentMesh.Agents;

/// <summary>What came of planning.</summary>
public abstract record PlanningResult
{
    /// <summary>A plan that passed the validator.</summary>
    public sealed record Accepted(Plan Plan) : PlanningResult;

    /// <summary>No proposer had a valid plan.</summary>
    /// <param name="Errors">One sentence each, the proposer's name in front.</param>
    public sealed record Rejected(IReadOnlyList<string> Errors) : PlanningResult;
}
