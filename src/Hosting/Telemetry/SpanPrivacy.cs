using System.Diagnostics;
using OpenTelemetry;

namespace AgentMesh.Hosting.Telemetry;

/// <summary>
/// Holds back what other libraries put on spans: what exceptions say, and paths and addresses of requests. Also drops calls between grains that belong
/// to no trace, such as the cluster's own upkeep.
/// </summary>
internal sealed class SpanPrivacy : BaseProcessor<Activity>
{
    private static readonly string[] Private =
        ["exception.message", "exception.stacktrace", "url.path", "url.full", "url.query", "user_agent.original", "client.address", "network.peer.address"];

    public override void OnStart(Activity data)
    {
        if (data.ParentId is null && data.Source.Name.StartsWith("Microsoft.Orleans", StringComparison.Ordinal)) data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    public override void OnEnd(Activity data)
    {
        foreach (var name in Private)
            if (data.GetTagItem(name) is not null) data.SetTag(name, null);
        if (data.Status == ActivityStatusCode.Error && data.StatusDescription is not null) data.SetStatus(ActivityStatusCode.Error);
    }
}
