using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Goals;

/// <summary>
/// <c>GET /v1/goals/{id}/events</c>: the journal as server-sent events. The event id is the sequence, so <c>Last-Event-ID</c> (or <c>?after=</c>) resumes
/// without gap or repeat. The stream ends with the goal; after its end there is nothing but 204, which tells browsers not to come back.
/// </summary>
internal static class EventsEndpoint
{
    public static void Map(RouteGroupBuilder v1) => v1.MapGet("/goals/{id}/events", Follow).ForCallers();

    private static async Task<IResult> Follow(HttpContext http, string id, CallerMesh mesh, ServerSentEvents stream, CancellationToken ct)
    {
        var goal = Input.Goal(id);
        var after = After(http);
        var follow = Input.Flag(http, "follow", true);
        // Asked before anything is sent, so that an unknown goal is a problem and no empty stream.
        var view = await mesh.Get(goal, ct);
        if (after >= view.LastSequence && (view.EndedAt is not null || !follow)) return TypedResults.NoContent();
        await stream.Write(http, token => mesh.Events(goal, Math.Min(after, view.LastSequence), follow, token), Write, ct);
        return Results.Empty;
    }

    private static long After(HttpContext http) => http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last
        ? Input.Number(last, "Last-Event-ID", 0, long.MaxValue) : Input.Number(http, "after", 0, 0, long.MaxValue);

    private static void Write(JournalEntry entry, IBufferWriter<byte> body)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(entry, MeshJson.Default.JournalEntry);
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {entry.Sequence}\ndata: "), body);
        // The codec writes one line: line breaks inside strings are escaped.
        body.Write(json);
        body.Write("\n\n"u8);
    }
}
