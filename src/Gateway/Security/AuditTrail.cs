using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Runtime;

namespace AgentMesh.Gateway.Security;

/// <summary>Writes down what is done, before it is done.</summary>
internal sealed class AuditTrail(IAuditLog log, Failures failures, TimeProvider time)
{
    /// <summary>Does the work once its line is written; one that fails gets a second line with the problem's code.</summary>
    /// <param name="tenant">Whose thing it is about; null for the caller's own.</param>
    public async Task Do(Caller caller, string action, Func<Task> work, CancellationToken ct, string? tenant = null, string? goal = null, string? request = null, string? detail = null)
    {
        var entry = new AuditEntry(0, time.GetUtcNow(), tenant ?? caller.Tenant, caller.Name, caller.Key, action, goal, request, detail);
        await log.Append(entry, ct);
        try
        {
            await work();
        }
        catch (Exception e)
        {
            await log.Append(entry with { At = time.GetUtcNow(), Refused = failures.CodeOf(e) }, CancellationToken.None);
            throw;
        }
    }
}
