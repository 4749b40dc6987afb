using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Approvals;

/// <summary>
/// Tells whether what goals ask of people has changed, whichever silo they move on: it looks at the list of those that ask. However many follow, a
/// tenant's list is looked at once in <see cref="GatewayOptions.ApprovalsEvery"/>.
/// </summary>
internal sealed class ApprovalWatch(IMesh mesh, GatewayOptions options, TimeProvider time)
{
    /// <summary>Changes among the newest of them are seen; nobody reads further in an inbox.</summary>
    private const int Newest = 1000;

    /// <summary>What is remembered is forgotten at this many tenants.</summary>
    private const int MostTenants = 1000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (long At, Task<ApprovalsNow> Found)> looks = new(StringComparer.Ordinal);

    /// <param name="tenant">Null for all.</param>
    public Task<ApprovalsNow> Now(string? tenant, CancellationToken ct)
    {
        var key = tenant ?? "";
        lock (gate)
        {
            if (!looks.TryGetValue(key, out var look) || time.GetElapsedTime(look.At) >= options.ApprovalsEvery)
            {
                if (looks.Count >= MostTenants) looks.Clear();
                looks[key] = look = (time.GetTimestamp(), Task.Run(() => Look(tenant), CancellationToken.None));
            }

            return look.Found.WaitAsync(ct);
        }
    }

    public Task Pause(CancellationToken ct) => Task.Delay(options.ApprovalsEvery, time, ct);

    private async Task<ApprovalsNow> Look(string? tenant)
    {
        var goals = await mesh.List(new GoalQuery(tenant, Limit: Newest, Asking: true), CancellationToken.None);
        var text = string.Join('\n', goals.Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Goal} {g.LastSequence}")));
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
        return new ApprovalsNow(goals.Sum(g => Math.Max(g.Asks, 1)), goals.Count == Newest, version);
    }
}
