using System.Collections.Concurrent;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Security;

/// <summary>Whose goal it is. That never changes, so it is asked once and remembered.</summary>
internal sealed class GoalTenants(IMesh mesh)
{
    private const int Most = 100_000;
    private readonly ConcurrentDictionary<GoalId, string> known = [];

    public void Remember(GoalId goal, string tenant)
    {
        if (known.Count >= Most) known.Clear();
        known[goal] = tenant;
    }

    /// <summary>Null when there is no such goal.</summary>
    public async ValueTask<string?> Of(GoalId goal, CancellationToken ct)
    {
        if (known.TryGetValue(goal, out var tenant)) return tenant;
        try
        {
            tenant = (await mesh.Get(goal, ct)).Spec.Tenant;
        }
        catch (MeshException e) when (e.Code == "goal-not-found")
        {
            return null;
        }

        Remember(goal, tenant);
        return tenant;
    }
}
