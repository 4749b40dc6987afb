using AgentMesh.Orchestration;

namespace AgentMesh.Simulation;

/// <summary>A number that two states share when they mean the same; records compare their lists by reference, so their equality does not serve.</summary>
internal static class Fingerprint
{
    public static int Of(GoalState state)
    {
        var hash = new HashCode();
        hash.Add(state.Sequence);
        hash.Add(state.UpdatedAt);
        hash.Add(state.Planning);
        hash.Add(state.Replans);
        hash.Add(state.PlanVersion);
        hash.Add(state.Overtaken?.Reason);
        hash.Add(state.PlanningWhy?.Reason);
        hash.Add(state.Usage);
        hash.Add(state.Ending?.Reason);
        hash.Add(state.Ended?.Status);
        foreach (var plan in state.Plans)
            foreach (var step in plan.Steps) hash.Add(step.Id);
        foreach (var message in state.Messages) hash.Add(message);
        foreach (var warning in state.Warnings) hash.Add(warning);
        foreach (var artifact in state.Artifacts)
        {
            hash.Add(artifact.Id);
            hash.Add(artifact.Trust);
            hash.Add(artifact.Value?.GetRawText());
        }

        foreach (var step in state.Steps) Add(ref hash, step);
        foreach (var request in state.Requests)
        {
            hash.Add(request.Id);
            hash.Add(request.Withdrawn);
            hash.Add(request.Decision?.Verdict);
            hash.Add(request.Answer?.Answer);
        }

        return hash.ToHashCode();
    }

    private static void Add(ref HashCode hash, StepState step)
    {
        hash.Add(step.Id);
        hash.Add(step.Status);
        hash.Add(step.Attempt);
        hash.Add(step.PlanVersion);
        hash.Add(step.Agent);
        hash.Add(step.RetryAt);
        hash.Add(step.WaitsFor);
        hash.Add(step.Error);
        hash.Add(step.Definition.Inputs.Count);
        foreach (var call in step.Calls)
        {
            hash.Add(call.Id);
            hash.Add(call.Attempt);
            hash.Add(call.Status);
            hash.Add(call.RequestHash);
            hash.Add(call.Arguments?.GetRawText());
            hash.Add(Compacted(call.Result));
            hash.Add(call.Error);
        }
    }

    // White space is not kept when a value is stored.
    private static int Compacted(System.Text.Json.JsonElement? value)
    {
        var hash = 17;
        foreach (var c in value?.GetRawText() ?? "")
            if (!char.IsWhiteSpace(c)) hash = hash * 31 + c;
        return hash;
    }
}
