using System.Text.Json;
using AgentMesh.ScriptedModel;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests;

public sealed class RequestTests
{
    [Fact]
    public async Task A_conversation_with_tools_goes_out_in_the_api_s_form()
    {
        await using var f = Fixture.With(o => o with { ApiKey = "sk-local" }, Reply.Text("ok"));
        ChatMessage[] conversation =
        [
            new(ChatRole.User, "Find Ann"),
            new(ChatRole.Assistant, [new FunctionCallContent("c7", "lookup", new Dictionary<string, object?> { ["id"] = "A-1", ["deep"] = true, ["n"] = Fixture.Parse("[1]") })]),
            new(ChatRole.Tool, [new FunctionResultContent("c7", "found"), new FunctionResultContent("c8", Fixture.Parse("""{"a":1}"""))]),
        ];
        await f.Client.GetResponseAsync(conversation, new ChatOptions
        {
            Instructions = "Be brief.", Temperature = 0.2f, TopP = 0.9f, MaxOutputTokens = 50, Seed = 7, StopSequences = ["END"],
            Tools = [Fixture.Tool()], ToolMode = ChatToolMode.RequireSpecific("lookup"),
        }, TestContext.Current.CancellationToken);

        var request = Assert.Single(f.Server.Requests);
        Assert.Equal("POST /v1/chat/completions", $"{request.Method} {request.Path}");
        Assert.Equal("Bearer sk-local", request.Headers["Authorization"]);
        Assert.Equal("application/json", request.Headers["Content-Type"]);
        var expected = Fixture.Parse("""
            {"model":"big","messages":[
              {"role":"system","content":"Be brief."},
              {"role":"user","content":"Find Ann"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c7","type":"function","function":{"name":"lookup","arguments":"{\"id\":\"A-1\",\"deep\":true,\"n\":[1]}"}}]},
              {"role":"tool","tool_call_id":"c7","content":"found"},
              {"role":"tool","tool_call_id":"c8","content":"{\"a\":1}"}],
             "max_tokens":50,"temperature":0.2,"top_p":0.9,"seed":7,"stop":["END"],
             "tools":[{"type":"function","function":{"name":"lookup","description":"Looks up an account.","parameters":{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}}}],
             "tool_choice":{"type":"function","function":{"name":"lookup"}}}
            """);
        Assert.True(JsonElement.DeepEquals(expected, request.Json), request.Body);
    }

    [Fact]
    public async Task What_is_not_set_is_not_sent()
    {
        await using var f = Fixture.With(Reply.Text("ok"));
        await f.Ask();
        Assert.Equal(["model", "messages", "max_tokens"], f.Server.Requests[0].Json.EnumerateObject().Select(p => p.Name));
        Assert.False(f.Server.Requests[0].Headers.ContainsKey("Authorization"));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""", true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":[],"additionalProperties":false}""", false)]
    [InlineData("""{"type":"array","items":{"type":"object"}}""", false)]
    public async Task A_schema_is_sent_and_strict_where_openai_allows_it(string schema, bool strict)
    {
        await using var f = Fixture.With(Reply.Text("{}"));
        await f.Ask(options: new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(Fixture.Parse(schema), "category") });
        var format = f.Server.Requests[0].Json.GetProperty("response_format");
        Assert.Equal("json_schema", format.GetProperty("type").GetString());
        Assert.Equal("category", format.GetProperty("json_schema").GetProperty("name").GetString());
        Assert.True(JsonElement.DeepEquals(Fixture.Parse(schema), format.GetProperty("json_schema").GetProperty("schema")));
        Assert.Equal(strict, format.GetProperty("json_schema").TryGetProperty("strict", out _));
    }

    [Fact]
    public async Task A_small_need_asks_the_small_model()
    {
        await using var f = Fixture.With(o => o with { SmallModel = "little" }, Reply.Text("a"), Reply.Text("b"));
        await f.Chain.Chat(Contracts.ModelNeed.Small)!.GetResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken);
        await f.Chain.Chat(Contracts.ModelNeed.Large)!.GetResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["little", "big"], f.Server.Requests.Select(r => r.Json.GetProperty("model").GetString()));
    }
}
