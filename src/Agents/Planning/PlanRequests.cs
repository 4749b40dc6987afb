using AgentMesh.Orchestration;

namespace AgentMesh.Agents;

/// <summary>What the pure planners want to know of a request.</summary>
internal static class PlanRequests
{
    public static PlanContext Context(this PlanRequest request) => new(request.Catalogue, request.Spec)
    {
        Version = request.Version,
        Done = request.Done,
        Previous = request.Previous,
        Failed = request.Failed,
        Skipped = request.Skipped,
        Messages = request.Messages,
    };

    /// <summary>Whether the new version is wanted because a step failed, and not because somebody said something.</summary>
    public static bool IsAfterFailure(this PlanRequest request) =>
        request.Previous is not null && request.Why is { } why && request.Failed.Any(f => why.Evidence.Contains(f.Value, StringComparer.Ordinal));
}
