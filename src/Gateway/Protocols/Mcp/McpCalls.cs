using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Approvals;
using AgentMesh.Gateway.Goals;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Protocols.JsonRpc;
using AgentMesh.Gateway.Security;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Protocols.Mcp;

/// <summary>Calls of the MCP server's tools. What a caller got wrong is a result that says so, which a model can read and put right.</summary>
internal sealed class McpCalls(GoalAsking asking, GoalAnswer answer, MeshCatalogue catalogue, Failures failures)
{
    private const int MostGoals = 50;

    /// <summary>The goal to follow until it rests; null for calls that are answered at once.</summary>
    public async Task<(GoalId? Follow, JsonObject? Result)> Begin(HttpContext http, CallParameters call, CancellationToken ct)
    {
        var mesh = CallerMesh.Of(http);
        if (call.Name.StartsWith(McpTools.AgentPrefix, StringComparison.Ordinal)) return (await Ask(http, call, ct), null);
        switch (call.Name)
        {
            case McpTools.Submit:
            {
                var arguments = Arguments(call, McpArguments.Default.SubmitArguments);
                var goal = await asking.Submit(http, new Ask(arguments.Text, [], Files(arguments.Files), arguments.Playbook), ct);
                return (null, Result($"Submitted as {goal}. follow_goal waits for it.", new JsonObject { ["goal"] = goal.Value }));
            }

            case McpTools.Get:
                return (null, await Outcome(mesh, Goal(Arguments(call, McpArguments.Default.GoalArguments).Goal), ct));
            case McpTools.Follow:
            {
                var goal = Goal(Arguments(call, McpArguments.Default.GoalArguments).Goal);
                await mesh.Require(goal, ct);
                return (goal, null);
            }

            case McpTools.Approvals:
            {
                _ = Arguments(call, McpArguments.Default.NoArguments);
                var listing = JsonSerializer.SerializeToNode(await ApprovalEndpoints.Read(mesh, new GoalQuery(Limit: MostGoals, Asking: true), ct), GatewayJson.Default.ApprovalListing)!;
                return (null, Result(listing.ToJsonString(), listing.AsObject()));
            }

            case McpTools.Decide:
            {
                var arguments = Arguments(call, McpArguments.Default.DecideArguments);
                var by = Require(http, CallerRole.Approver);
                await mesh.Decide(Goal(arguments.Goal), PeopleWords.Decided(arguments.Request, new DecisionRequest(arguments.Verdict, null, arguments.Reason, arguments.Arguments), by), ct);
                return (null, Result("Decided.", null));
            }

            case McpTools.Answer:
            {
                var arguments = Arguments(call, McpArguments.Default.AnswerArguments);
                await mesh.Answer(Goal(arguments.Goal), PeopleWords.Answered(arguments.Request, arguments.Answer, Require(http, CallerRole.Approver)), ct);
                return (null, Result("Answered.", null));
            }

            case McpTools.Cancel:
            {
                var arguments = Arguments(call, McpArguments.Default.CancelArguments);
                var by = Require(http, CallerRole.Submitter, CallerRole.Operator);
                await mesh.Cancel(Goal(arguments.Goal), new CancelRequested(by, PeopleWords.Text(arguments.Reason ?? "no longer wanted", "reason")), ct);
                return (null, Result("Cancelled.", null));
            }

            default:
                throw new RpcException(RpcException.InvalidParams, "There is no such tool. tools/list names those that there are.");
        }
    }

    /// <summary>How the goal stands, as a result.</summary>
    public async Task<JsonObject> Outcome(CallerMesh mesh, GoalId goal, CancellationToken ct)
    {
        var view = await mesh.Get(goal, ct);
        var text = await answer.Of(view, ct);
        return Result(text, new JsonObject
        {
            ["goal"] = goal.Value, ["status"] = view.Status.ToString(), ["reason"] = view.Reason, ["answer"] = text,
            ["artifacts"] = new JsonArray([.. (await answer.Artifacts(view, ct)).Select(a => JsonSerializer.SerializeToNode(a, MeshJson.Default.Artifact))]),
        });
    }

    /// <summary>A failure as the result of a call; what the protocol itself answers is thrown on.</summary>
    public JsonObject Failed(HttpContext http, Exception e) => Result(failures.Note(http, e).Detail, null, failed: true);

    private async Task<GoalId> Ask(HttpContext http, CallParameters call, CancellationToken ct)
    {
        var role = McpTools.Agents(catalogue).FirstOrDefault(r => call.Name == McpTools.AgentPrefix + r.Name)
            ?? throw new RpcException(RpcException.InvalidParams, "There is no such tool. tools/list names those that there are.");
        var arguments = Arguments(call, McpArguments.Default.AgentArguments);
        var kinds = McpTools.Kinds(role);
        if (arguments.Produces is { } wanted && !kinds.Contains(wanted, StringComparer.Ordinal)) throw ProblemException.Invalid("kind-unknown", $"{role.Name} produces {string.Join(", ", kinds)}.");
        return await asking.Submit(http, new Ask(arguments.Text, [], Files(arguments.Files)) { Wants = [arguments.Produces ?? kinds[0]] }, ct);
    }

    private static T Arguments<T>(CallParameters call, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return RpcRequest.Read(call.Arguments ?? MeshJson.Parse("{}"), type, "arguments");
        }
        catch (RpcException e)
        {
            throw ProblemException.Invalid("arguments-invalid", e.Message);
        }
    }

    private static string Require(HttpContext http, params IReadOnlyList<CallerRole> roles)
    {
        var caller = Caller.Of(http);
        caller.Require(roles);
        return caller.Name;
    }

    private static IReadOnlyList<AttachedFile> Files(IReadOnlyList<FileArgument>? files) =>
        [.. (files ?? []).Select(f => f.Text is { } text ? InlineFile.Of(f.Name, Encoding.UTF8.GetBytes(text)) : InlineFile.Of(f.Name, f.Base64))];

    private static GoalId Goal(string id) => Input.Goal(id);

    private static JsonObject Result(string text, JsonObject? structured, bool failed = false)
    {
        var result = new JsonObject { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }) };
        if (structured is not null) result["structuredContent"] = structured;
        if (failed) result["isError"] = true;
        return result;
    }
}
