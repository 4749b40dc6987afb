using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Goals;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Protocols.OpenAi;

/// <summary><c>POST /v1/chat/completions</c>: a goal per request. The last message of the user is the goal; a client that goes away does not end it.</summary>
internal static class ChatEndpoint
{
    public static async Task<IResult> Complete(
        HttpContext http, GoalAsking asking, GoalAnswer answer, GoalRest rest, ServerSentEvents stream, MeshCatalogue catalogue, GatewayOptions options, CancellationToken ct)
    {
        var request = await Body.Read(http, OpenAiJson.Default.ChatRequest, options.MaxSubmitBytes, ct);
        OpenAiEndpoints.RequirePlain(request.Tools, request.ResponseFormat);
        if (request.N is not (null or 1)) throw ProblemException.Invalid("n-unsupported", "A goal has one result: leave n out, or make it 1.");
        var files = new List<AttachedFile>();
        var said = request.Messages.Select(m => MessageContent.Read(m.Role, m.Content, files)).ToList();
        var ask = Ask.Of(said, files, MeshModels.Playbook(request.Model, catalogue));
        // Before the goal is submitted: a client that is refused a stream submits it again.
        using var place = request.Stream is true ? stream.Enter(http) : null;
        var usage = request.StreamOptions?.IncludeUsage is true;
        var (mesh, goal) = (CallerMesh.Of(http), await asking.Submit(http, ask, ct));
        if (place is not null)
        {
            await stream.Write(http, token => Chunks(mesh, goal, answer, usage, token), ServerEvent.Write, ct, place);
            return Results.Empty;
        }

        var view = await rest.Of(mesh, goal, options.LongestWait, ct);
        if (Failed(view) is { } failed) throw failed;
        var completion = Envelope(view, "chat.completion", Choice("message", new JsonObject { ["role"] = "assistant", ["content"] = await answer.Of(view, ct), ["refusal"] = null }, "stop"));
        completion["usage"] = Usage(view.Usage);
        return JsonBody.Of(completion);
    }

    private static async IAsyncEnumerable<ServerEvent> Chunks(CallerMesh mesh, GoalId goal, GoalAnswer answer, bool usage, [EnumeratorCancellation] CancellationToken ct)
    {
        var view = await mesh.Get(goal, ct);
        yield return Chunk(new JsonObject { ["role"] = "assistant", ["content"] = "" });
        await foreach (var entry in GoalNews.UntilRest(mesh, goal, ct))
            if (GoalNews.Line(entry) is { } line) yield return Chunk(new JsonObject { ["reasoning_content"] = $"{line}\n" });
        view = await mesh.Get(goal, ct);
        if (Failed(view) is { } failed)
        {
            yield return ServerEvent.Of(OpenAiEndpoints.ErrorBody(failed.Status, failed.Code, failed.Message));
            yield break;
        }

        yield return Chunk(new JsonObject { ["content"] = await answer.Of(view, ct) });
        yield return Chunk([], "stop");
        if (usage)
        {
            var last = Envelope(view, "chat.completion.chunk", null);
            last["usage"] = Usage(view.Usage);
            yield return ServerEvent.Of(last);
        }

        yield return new ServerEvent("[DONE]");

        ServerEvent Chunk(JsonObject delta, string? finish = null) => ServerEvent.Of(Envelope(view, "chat.completion.chunk", Choice("delta", delta, finish)));
    }

    /// <summary>Not a 5xx: what failed once is not to be tried again by a client that knows nothing of it.</summary>
    private static ProblemException? Failed(GoalView view) => view.Status switch
    {
        GoalStatus.Failed => ProblemException.Invalid("goal-failed", $"The goal {view.Goal} failed: {view.Reason}"),
        GoalStatus.Cancelled => ProblemException.Invalid("goal-cancelled", $"The goal {view.Goal} was cancelled: {view.Reason}"),
        _ => null,
    };

    private static JsonObject Envelope(GoalView view, string kind, JsonObject? choice) => new()
    {
        ["id"] = $"chatcmpl-{view.Goal}", ["object"] = kind, ["created"] = view.SubmittedAt.ToUnixTimeSeconds(), ["model"] = MeshModels.Of(view.Spec),
        ["choices"] = choice is null ? new JsonArray() : new JsonArray(choice),
    };

    private static JsonObject Choice(string name, JsonObject content, string? finish) => new() { ["index"] = 0, [name] = content, ["logprobs"] = null, ["finish_reason"] = finish };

    private static JsonObject Usage(Usage usage) => new() { ["prompt_tokens"] = usage.InputTokens, ["completion_tokens"] = usage.OutputTokens, ["total_tokens"] = usage.Tokens };
}
