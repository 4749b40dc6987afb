using System.Text;

namespace AgentMesh.Gateway.Tests;

/// <summary>Whatever comes in, the answer is a problem that says what to do, and never a 5xx.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"text":7}""")]
    [InlineData("""{"words":"work","text":"work"}""")]
    [InlineData("""{"text":"work","text":"play"}""")]
    [InlineData("""{"text":null}""")]
    [InlineData("{}")]
    [InlineData("""{"text":"work","constraints":null,"constraints":{}}""")]
    [InlineData("""{"text":"work","constraints":{"maxSteps":1e99}}""")]
    [InlineData("""{"text":"work","constraints":{"approvals":"perhaps"}}""")]
    [InlineData("""{"text":"work","constraints":{"timeout":"soon"}}""")]
    [InlineData("""{"text":"\ud800"}""")]
    [InlineData("""{"text":"work"} {}""")]
    [InlineData("""{"text":"work","wants":[null]}""")]
    [InlineData("""{"text":"work","constraints":{"tools":["a",null]}}""")]
    [InlineData("""{"text":"work","attachments":[null]}""")]
    public async Task A_body_that_is_not_the_JSON_of_a_submit_is_400(string json)
    {
        await using var world = await World.Start();
        (await world.Post("/v1/goals", json)).Problem(400, "json-invalid");
    }

    [Theory]
    [InlineData("""{"text":"  "}""", "goal-empty")]
    [InlineData("""{"text":"work","playbook":"karaoke"}""", "playbook-unknown")]
    [InlineData("""{"text":"work","wants":["poem"]}""", "kind-unknown")]
    [InlineData("""{"text":"work","tenant":"a\u0000b"}""", "name-invalid")]
    [InlineData("""{"text":"work","submittedBy":"a\r\nb"}""", "name-invalid")]
    [InlineData("""{"text":"work","constraints":{"maxSteps":0}}""", "limits-invalid")]
    [InlineData("""{"text":"work","constraints":{"timeout":"-00:00:01"}}""", "timeout-invalid")]
    [InlineData("""{"text":"work","constraints":{"budget":{"tokens":-1}}}""", "budget-invalid")]
    [InlineData("""{"text":"work","constraints":{"approvals":7}}""", "approvals-invalid")]
    [InlineData("""{"text":"work","attachments":[{"name":"","content":"eA=="}]}""", "name-invalid")]
    public async Task A_submit_that_makes_no_sense_is_422(string json, string code)
    {
        await using var world = await World.Start();
        (await world.Post("/v1/goals", json)).Problem(422, code);
    }

    [Fact]
    public async Task The_reason_names_the_place_and_no_type_of_ours()
    {
        await using var world = await World.Start();
        var wrong = (await world.Post("/v1/goals", """{"text":"work","constraints":{"maxSteps":"many"}}""")).Problem(400, "json-invalid").Text;
        Assert.Contains("constraints.maxSteps", wrong, StringComparison.Ordinal);
        Assert.Contains("line 1", wrong, StringComparison.Ordinal);
        Assert.Contains("attachment", (await world.Post("/v1/goals", """{"text":"work","attachment":[]}""")).Problem(400, "json-invalid").Text, StringComparison.Ordinal);
        Assert.Contains("attachments[1]", (await world.Post("/v1/goals", """{"text":"work","attachments":[{"name":"a","content":""},null]}""")).Problem(400, "json-invalid").Text, StringComparison.Ordinal);
        Assert.Contains("text", (await world.Post("/v1/goals", "{}")).Problem(400, "json-invalid").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"agentmesh","messages":[null]}""", 400)]
    [InlineData("/v1/chat/completions", """{"model":"agentmesh","messages":[{"role":"user","content":"\ud800"}]}""", 400)]
    [InlineData("/v1/responses", """{"model":"agentmesh","input":"\ud800"}""", 400)]
    [InlineData("/v1/responses", """{"model":"agentmesh","input":[null]}""", 422)]
    [InlineData("/ag-ui", """{"threadId":"t","runId":"r","messages":[null]}""", 400)]
    [InlineData("/ag-ui", """{"threadId":"t","runId":"r","messages":[],"resume":[null]}""", 400)]
    [InlineData("/ag-ui", """{"threadId":"t","runId":"r","messages":[],"resume":[{"interruptId":"a#b","status":"resolved","payload":{"answer":"\ud800"}}]}""", 400)]
    [InlineData("/a2a", """{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"message":{"messageId":"m","parts":[null]}}}""", 200)]
    [InlineData("/a2a", """{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"message":{"messageId":"m","parts":[{"text":"\ud800"}]}}}""", 200)]
    [InlineData("/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"submit_goal","arguments":{"text":"x","files":[null]}}}""", 200)]
    [InlineData("/v1/goals/nobody/requests/r/decision", """{"verdict":"edit","arguments":{"a":"\ud800"}}""", 400)]
    public async Task Holes_in_lists_and_escapes_that_are_no_characters_are_the_clients_fault_everywhere(string path, string json, int status)
    {
        await using var world = await World.Start();
        var answer = await world.Post(path, json);
        Assert.Equal((status, false, false), (answer.Status, answer.Text.Contains("Something broke", StringComparison.Ordinal), answer.Text.Contains("Submitted", StringComparison.Ordinal)));
        Assert.Empty((await world.Get("/v1/goals")).Json.GetProperty("goals").EnumerateArray());
    }

    [Fact]
    public async Task Depth_size_encoding_and_media_type_are_bounded()
    {
        await using var world = await World.Start(new GatewayOptions { Auth = World.Unasked, MaxSubmitBytes = 2000, MaxBodyBytes = 2000, MaxAttachments = 2 });
        (await world.Post("/v1/goals", "{\"text\":" + new string('[', 900) + new string(']', 900) + "}")).Problem(400, "json-invalid");
        (await world.Post("/v1/goals", $$"""{"text":"{{new string('x', 3000)}}"}""")).Problem(413, "body-too-large");
        using var parts = new MultipartFormDataContent { { new StringContent("work"), "text" }, { new ByteArrayContent(new byte[3000]), "file", "big.txt" } };
        (await world.Send(HttpMethod.Post, "/v1/goals", parts)).Problem(413, "body-too-large");
        (await world.Post("/v1/goals", [.. "{\"text\":\""u8, 0xC3, 0x28, .. "\"}"u8])).Problem(400, "json-invalid");
        (await world.Post("/v1/goals", """{"text":"work","attachments":[{"name":"a","content":""},{"name":"b","content":""},{"name":"c","content":""}]}""")).Problem(422, "attachments-too-many");
        (await world.Send(HttpMethod.Post, "/v1/goals", new StringContent("text=work", Encoding.UTF8, "text/plain"))).Problem(415, "media-type-unsupported");
        (await world.Send(HttpMethod.Post, "/v1/goals", null)).Problem(415, "media-type-unsupported");
    }

    [Fact]
    public async Task A_form_that_says_nothing_or_too_much_is_400()
    {
        await using var world = await World.Start();
        (await world.Send(HttpMethod.Post, "/v1/goals", new MultipartFormDataContent { { new StringContent("x"), "colour" } })).Problem(400, "form-invalid");
        (await world.Send(HttpMethod.Post, "/v1/goals", new MultipartFormDataContent { { new ByteArrayContent([1]), "file", "a.txt" } })).Problem(400, "form-invalid");
        (await world.Send(HttpMethod.Post, "/v1/goals", new MultipartFormDataContent { { new StringContent("{\"text\":1}"), "request" } })).Problem(400, "json-invalid");
        var broken = new StringContent("--b\r\nnonsense", Encoding.UTF8);
        broken.Headers.Remove("Content-Type");
        broken.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        (await world.Send(HttpMethod.Post, "/v1/goals", broken)).Problem(400, "form-invalid");
        var noForm = new ByteArrayContent("""{"text":"work"}"""u8.ToArray());
        noForm.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        (await world.Send(HttpMethod.Post, "/v1/goals", noForm)).Problem(400, "form-invalid");
    }

    [Theory]
    [InlineData("/v1/goals?limit=0", "query-invalid")]
    [InlineData("/v1/goals?limit=99999999999999999999", "query-invalid")]
    [InlineData("/v1/goals?status=Resting", "query-invalid")]
    [InlineData("/v1/goals?status=3", "query-invalid")]
    [InlineData("/v1/goals?tenant=", "query-invalid")]
    [InlineData("/v1/goals?tenant=%00", "query-invalid")]
    [InlineData("/v1/goals?before=%F0%9F%92%A9", "cursor-invalid")]
    [InlineData("/v1/goals?before=AAAA", "cursor-invalid")]
    [InlineData("/v1/activity?window=0", "query-invalid")]
    [InlineData("/v1/activity?window=3601", "query-invalid")]
    [InlineData("/v1/knowledge/search", "query-invalid")]
    [InlineData("/v1/knowledge/search?q=%00", "query-invalid")]
    [InlineData("/v1/knowledge?collection=%0d%0a", "query-invalid")]
    public async Task A_query_that_cannot_be_meant_is_400(string path, string code)
    {
        await using var world = await World.Start();
        (await world.Get(path)).Problem(400, code);
    }

    [Fact]
    public async Task Another_method_is_405_and_told_which_there_is()
    {
        await using var world = await World.Start();
        var answer = await world.Send(HttpMethod.Patch, "/health/live", null);
        answer.Problem(405, "method-unknown");
        Assert.Contains("GET", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/goals/nobody", "goal-not-found")]
    [InlineData("GET", "/v1/goals/%01", "goal-not-found")]
    [InlineData("GET", "/v1/goals/nobody/events", "goal-not-found")]
    [InlineData("GET", "/v1/goals/nobody/explain", "goal-not-found")]
    [InlineData("GET", "/v1/goals/nobody/wait", "goal-not-found")]
    [InlineData("POST", "/v1/goals/nobody/cancel", "goal-not-found")]
    [InlineData("POST", "/v1/cluster/silos/c/drain", "silo-not-found")]
    [InlineData("POST", "/v1/cluster/silos/%0a/drain", "silo-not-found")]
    [InlineData("GET", "/v1/poems", "route-not-found")]
    [InlineData("DELETE", "/v1/goals", "route-not-found")]
    public async Task What_is_not_there_is_404(string method, string path, string code)
    {
        await using var world = await World.Start();
        (await world.Send(new HttpMethod(method), path, new StringContent("{}", Encoding.UTF8, "application/json"))).Problem(404, code);
    }
}
