using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Goals;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Protocols.JsonRpc;
using AgentMesh.Gateway.Security;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Protocols.A2A;

/// <summary>What messages of other agents mean: a new goal, or an answer, a decision or news for one that there is.</summary>
internal static class A2AMessages
{
    public static Ask Ask(A2AMessage message)
    {
        var files = new List<AttachedFile>();
        var texts = message.Parts.Select(p => Text(p, files)).Where(t => t.Length > 0);
        return Protocols.Ask.Of([new Said(Said.User, string.Join('\n', texts))], files, Playbook(message));
    }

    /// <summary>
    /// Data with a <c>request</c> decides or answers it. Text answers the one question that is open, and where none is, it is news for the goal.
    /// </summary>
    public static async Task Say(HttpContext http, GoalId goal, A2AMessage message, CancellationToken ct)
    {
        var (caller, mesh) = (Caller.Of(http), CallerMesh.Of(http));
        var view = await mesh.Get(goal, ct);
        if (view.EndedAt is not null) throw new MeshException("goal-over", "The task is over. Send the message without taskId to begin another one.");
        if (message.Parts.FirstOrDefault(p => p.Data is { ValueKind: JsonValueKind.Object }) is { Data: { } data })
        {
            var reply = RpcRequest.Read(data, A2AJson.Default.A2AReply, "A part's data");
            caller.Require(CallerRole.Approver);
            if (reply.Answer is { } given) await mesh.Answer(goal, PeopleWords.Answered(reply.Request, given, caller.Name), ct);
            else await mesh.Decide(goal, PeopleWords.Decided(reply.Request, new DecisionRequest(reply.Verdict ?? "", null, reply.Reason, reply.Arguments), caller.Name), ct);
            return;
        }

        var text = Ask(message).Text;
        if (view is { OpenQuestions: [var question], OpenApprovals: [] })
        {
            caller.Require(CallerRole.Approver);
            await mesh.Answer(goal, PeopleWords.Answered(question.Request.Value, text, caller.Name), ct);
        }
        else
        {
            caller.Require(CallerRole.Submitter);
            await mesh.Tell(goal, new MessageReceived(caller.Name, Input.Text(text, "The message", SubmissionCheck.LongestText)), ct);
        }
    }

    private static string Text(A2APart part, List<AttachedFile> files)
    {
        if (part.Text is { } text) return text;
        if (part.Data is { } data) return data.GetRawText();
        if (part.Raw is null) throw ProblemException.Invalid("content-unsupported", "A part holds text, data, or a file's bytes as raw. What is elsewhere is not fetched: send the bytes.");
        files.Add(InlineFile.Of(part.Filename is { Length: > 0 } name ? name : null, part.Raw));
        return "";
    }

    private static string? Playbook(A2AMessage message) => message.Metadata is { } metadata ? Json.Member(metadata, "playbook") : null;
}
