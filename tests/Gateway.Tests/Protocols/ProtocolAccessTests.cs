using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Tests.Protocols;

/// <summary>What holds under /v1 holds in every protocol: goals are the caller's tenant's, and each role does what it may.</summary>
public sealed class ProtocolAccessTests
{
    private const string Chat = """{"model":"agentmesh","messages":[{"role":"user","content":"TEXT"}]}""";
    private const string Run = """{"threadId":"t","runId":"r","messages":[{"id":"1","role":"user","content":"TEXT"}]}""";

    [Fact]
    public async Task A_goal_is_the_callers_whichever_protocol_brings_it()
    {
        await using var world = await World.Start(World.Guarded);
        var ann = await world.Key("acme", "ann", CallerRole.Submitter);
        Assert.Equal(200, (await world.As(ann, HttpMethod.Post, "/v1/chat/completions", With(Chat, "work"))).Status);
        Assert.Equal("completed", (await world.As(ann, HttpMethod.Post, "/v1/responses", """{"model":"agentmesh","input":"work"}""")).Json.GetProperty("status").GetString());
        Assert.Equal("Submitted", (await Tool(world, ann, "submit_goal", """{"text":"work"}""")).GetProperty("content")[0].GetProperty("text").GetString()!.Split(' ')[0]);
        Assert.Equal("TASK_STATE_COMPLETED", (await Send(world, ann, "work")).GetProperty("result").GetProperty("task").GetProperty("status").GetProperty("state").GetString());
        Assert.Contains("RUN_FINISHED", (await world.As(ann, HttpMethod.Post, "/ag-ui", With(Run, "work"))).Text, StringComparison.Ordinal);

        var goals = (await world.As(World.Admin, "/v1/goals")).Json.GetProperty("goals").EnumerateArray().ToList();
        Assert.Equal(5, goals.Count);
        foreach (var goal in goals)
        {
            var spec = (await world.As(World.Admin, $"/v1/goals/{goal.GetProperty("goal").GetString()}")).Json.GetProperty("spec");
            Assert.Equal(("acme", "ann"), (spec.GetProperty("tenant").GetString(), spec.GetProperty("submittedBy").GetString()));
        }
    }

    [Fact]
    public async Task The_goals_of_another_tenant_are_not_there_in_any_protocol()
    {
        await using var world = await World.Start(World.Guarded);
        var (ann, eve) = (await world.Key("acme", "ann", CallerRole.Submitter), await world.Key("initech", "eve", CallerRole.Submitter, CallerRole.Approver));
        var goal = (await world.As(ann, HttpMethod.Post, "/v1/responses", """{"model":"agentmesh","input":"call"}""")).Json.GetProperty("id").GetString()!;
        var request = (await world.As(ann, $"/v1/goals/{goal}")).Json.GetProperty("openApprovals")[0].GetProperty("request").GetString()!;

        foreach (var id in new[] { goal, "nobody" })
        {
            Assert.Equal(404, (await world.As(eve, $"/v1/responses/{id}")).Status);
            Assert.Equal(404, (await world.As(eve, $"/v1/responses/{id}?stream=true")).Status);
            Assert.Equal(404, (await world.As(eve, HttpMethod.Post, $"/v1/responses/{id}/cancel", "{}")).Status);
            Assert.Equal(404, (await world.As(eve, HttpMethod.Post, "/v1/responses", $$"""{"model":"agentmesh","input":"work","previous_response_id":"{{id}}"}""")).Status);
            foreach (var method in new[] { "GetTask", "CancelTask", "SubscribeToTask" }) Assert.Equal(-32001, Code(await Rpc(world, eve, "/a2a", method, $$"""{"id":"{{id}}"}""")));
            Assert.Equal(-32001, Code(await Rpc(world, eve, "/a2a", "SendMessage", $$"""{"message":{"messageId":"m","taskId":"{{id}}","parts":[{"data":{"request":"{{request}}","verdict":"approve"} }]} }""")));
            foreach (var tool in new[] { "get_goal", "follow_goal", "cancel_goal" }) Assert.Contains("There is no goal", Failed(await Tool(world, eve, tool, $$"""{"goal":"{{id}}"}""")), StringComparison.Ordinal);
            Assert.Contains("There is no goal", Failed(await Tool(world, eve, "decide", $$"""{"goal":"{{id}}","request":"{{request}}","verdict":"approve"}""")), StringComparison.Ordinal);
            foreach (var resource in new[] { "journal", "artifacts/a" }) Assert.Equal(-32002, Code(await Rpc(world, eve, "/mcp", "resources/read", $$"""{"uri":"agentmesh://goals/{{id}}/{{resource}}"}""")));
            var resume = $$"""{"threadId":"t","runId":"r","messages":[],"resume":[{"interruptId":"{{id}}#{{request}}","status":"resolved","payload":{"verdict":"approve"} }]}""";
            Assert.Equal(404, (await world.As(eve, HttpMethod.Post, "/ag-ui", resume)).Status);
        }

        Assert.Empty((await Rpc(world, eve, "/mcp", "resources/list", "{}")).GetProperty("result").GetProperty("resources").EnumerateArray());
        Assert.Empty((await Tool(world, eve, "list_approvals", "{}")).GetProperty("structuredContent").GetProperty("goals").EnumerateArray());
        Assert.Equal("Waiting", (await world.As(ann, $"/v1/goals/{goal}")).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Submitters_decide_nothing_and_approvers_submit_nothing()
    {
        await using var world = await World.Start(World.Guarded);
        var (ann, bob) = (await world.Key("acme", "ann", CallerRole.Submitter), await world.Key("acme", "bob", CallerRole.Approver));
        var goal = (await world.As(ann, HttpMethod.Post, "/v1/responses", """{"model":"agentmesh","input":"call"}""")).Json.GetProperty("id").GetString()!;
        var request = (await world.As(ann, $"/v1/goals/{goal}")).Json.GetProperty("openApprovals")[0].GetProperty("request").GetString()!;
        var decide = $$"""{"goal":"{{goal}}","request":"{{request}}","verdict":"approve"}""";
        var say = $$"""{"message":{"messageId":"m","taskId":"{{goal}}","parts":[{"data":{"request":"{{request}}","verdict":"approve"} }]} }""";
        var resume = $$"""{"threadId":"t","runId":"r","messages":[],"resume":[{"interruptId":"{{goal}}#{{request}}","status":"resolved","payload":{"verdict":"approve"} }]}""";
        Assert.Contains("role approver", Failed(await Tool(world, ann, "decide", decide)), StringComparison.Ordinal);
        Assert.Equal(-32600, Code(await Rpc(world, ann, "/a2a", "SendMessage", say)));
        Assert.Equal(403, (await world.As(ann, HttpMethod.Post, "/ag-ui", resume)).Status);

        Assert.Contains("role submitter", Failed(await Tool(world, bob, "submit_goal", """{"text":"work"}""")), StringComparison.Ordinal);
        Assert.Contains("role submitter", Failed(await Tool(world, bob, "cancel_goal", $$"""{"goal":"{{goal}}"}""")), StringComparison.Ordinal);
        Assert.Equal(-32600, Code(await Send(world, bob, "work")));
        Assert.Equal(-32600, Code(await Rpc(world, bob, "/a2a", "CancelTask", $$"""{"id":"{{goal}}"}""")));
        Assert.Equal(403, (await world.As(bob, HttpMethod.Post, "/ag-ui", With(Run, "work"))).Status);
        Assert.Equal("Waiting", (await world.As(ann, $"/v1/goals/{goal}")).Json.GetProperty("status").GetString());

        Assert.Contains("\"success\"", (await world.As(bob, HttpMethod.Post, "/ag-ui", resume)).Text, StringComparison.Ordinal);
        var decided = (await world.As(World.Admin, $"/v1/audit?goal={goal}")).Json.GetProperty("entries")[0];
        Assert.Equal(("goal.decide", "bob"), (decided.GetProperty("action").GetString(), decided.GetProperty("caller").GetString()));
    }

    [Fact]
    public async Task A_stream_that_is_refused_has_submitted_nothing()
    {
        await using var world = await World.Start(World.Guarded with { MaxStreams = 0 });
        var ann = await world.Key("acme", "ann", CallerRole.Submitter);
        Assert.Equal(503, (await world.As(ann, HttpMethod.Post, "/v1/chat/completions", With(Chat.Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal), "work"))).Status);
        Assert.Equal(503, (await world.As(ann, HttpMethod.Post, "/v1/responses", """{"model":"agentmesh","input":"work","stream":true}""")).Status);
        Assert.Equal(503, (await world.As(ann, HttpMethod.Post, "/ag-ui", With(Run, "work"))).Status);
        Assert.Equal(-32603, Code(await Rpc(world, ann, "/a2a", "SendStreamingMessage", """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"work"}]} }""")));
        Assert.Contains("event streams", Failed(await Tool(world, ann, "agent_worker", """{"text":"work"}""")), StringComparison.Ordinal);
        Assert.Empty((await world.As(ann, "/v1/goals")).Json.GetProperty("goals").EnumerateArray());
    }

    [Fact]
    public async Task A_question_of_a_run_is_answered_and_not_cancelled()
    {
        await using var world = await World.Start();
        var goal = await world.Submit("ask");
        var request = (await world.Get($"/v1/goals/{goal}/wait?timeout=60")).Json.GetProperty("openQuestions")[0].GetProperty("request").GetString();
        string Resume(string how) => $$"""{"threadId":"t","runId":"r","messages":[],"resume":[{"interruptId":"{{goal}}#{{request}}",{{how}}}]}""";
        var refused = await world.Post("/ag-ui", Resume("\"status\":\"cancelled\""));
        Assert.Equal((422, "resume-invalid"), (refused.Status, refused.Json.GetProperty("code").GetString()));
        Assert.Contains("\"success\"", (await world.Post("/ag-ui", Resume("\"status\":\"resolved\",\"payload\":{\"answer\":\"yes\"}"))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_an_embedding_model_says_what_to_set()
    {
        await using var world = await World.Start();
        var answer = await world.Post("/v1/embeddings", """{"model":"m","input":"text"}""");
        Assert.Equal((404, "model_not_found"), (answer.Status, answer.Json.GetProperty("error").GetProperty("code").GetString()));
        Assert.Contains("AGENTMESH_EMBEDDING_MODEL", answer.Text, StringComparison.Ordinal);
    }

    private static string With(string json, string text) => json.Replace("TEXT", text, StringComparison.Ordinal);

    private static async Task<JsonElement> Rpc(World world, string key, string path, string method, string parameters) =>
        (await world.As(key, HttpMethod.Post, path, $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""")).Json;

    private static Task<JsonElement> Send(World world, string key, string text) =>
        Rpc(world, key, "/a2a", "SendMessage", $$"""{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"{{text}}"}]} }""");

    private static async Task<JsonElement> Tool(World world, string key, string name, string arguments) =>
        (await Rpc(world, key, "/mcp", "tools/call", $$"""{"name":"{{name}}","arguments":{{arguments}}}""")).GetProperty("result");

    private static string Failed(JsonElement result)
    {
        Assert.True(result.TryGetProperty("isError", out var failed) && failed.GetBoolean(), result.GetRawText());
        return result.GetProperty("content")[0].GetProperty("text").GetString()!;
    }

    private static int Code(JsonElement answer) => answer.GetProperty("error").GetProperty("code").GetInt32();
}
