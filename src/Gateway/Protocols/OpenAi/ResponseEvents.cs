using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;

namespace AgentMesh.Gateway.Protocols.OpenAi;

/// <summary>A goal as the events of a response, up to where it is over or only a person can move it.</summary>
internal static class ResponseEvents
{
    /// <param name="after">The number of the last event that the client has; -1 for none. The same goal always has the same events before its text.</param>
    public static async IAsyncEnumerable<ServerEvent> Of(CallerMesh mesh, GoalId goal, long after, GoalAnswer answer, [EnumeratorCancellation] CancellationToken ct)
    {
        var number = -1L;
        await foreach (var (type, body) in All(mesh, goal, answer, ct))
        {
            if (++number <= after) continue;
            (body["type"], body["sequence_number"]) = (type, number);
            yield return ServerEvent.Of(body, type);
        }
    }

    private static async IAsyncEnumerable<(string Type, JsonObject Body)> All(CallerMesh mesh, GoalId goal, GoalAnswer answer, [EnumeratorCancellation] CancellationToken ct)
    {
        var view = await mesh.Get(goal, ct);
        yield return ("response.created", new JsonObject { ["response"] = ResponseObject.Begun(view) });
        yield return ("response.in_progress", new JsonObject { ["response"] = ResponseObject.Begun(view) });
        await foreach (var _ in GoalNews.UntilRest(mesh, goal, ct))
        {
            // The API has no event for what agents do; GET /v1/goals/{id}/events tells it.
        }

        view = await mesh.Get(goal, ct);
        var text = await answer.Of(view, ct);
        if (view.Status is GoalStatus.Completed or GoalStatus.Waiting)
        {
            yield return ("response.output_item.added", Item(ResponseObject.Message(view, null, "in_progress")));
            yield return ("response.content_part.added", At(("part", ResponseObject.Part(""))));
            yield return ("response.output_text.delta", At(("delta", text), ("logprobs", new JsonArray())));
            yield return ("response.output_text.done", At(("text", text), ("logprobs", new JsonArray())));
            yield return ("response.content_part.done", At(("part", ResponseObject.Part(text))));
            yield return ("response.output_item.done", Item(ResponseObject.Message(view, ResponseObject.Part(text), "completed")));
        }

        // A cancelled response has no event of its own; its clients take a failed one for the end.
        var last = ResponseObject.Status(view) is "cancelled" ? "failed" : ResponseObject.Status(view);
        yield return ($"response.{last}", new JsonObject { ["response"] = ResponseObject.Of(view, text) });

        static JsonObject Item(JsonObject item) => new() { ["output_index"] = 0, ["item"] = item };

        JsonObject At(params IEnumerable<(string Name, JsonNode Value)> more)
        {
            var body = new JsonObject { ["item_id"] = ResponseObject.MessageId(view), ["output_index"] = 0, ["content_index"] = 0 };
            foreach (var (name, value) in more) body[name] = value;
            return body;
        }
    }
}
