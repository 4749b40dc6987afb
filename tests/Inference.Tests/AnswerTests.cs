using System.Text.Json;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.OpenAi;
using AgentMesh.ScriptedModel;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests;

public sealed class AnswerTests
{
    [Fact]
    public async Task Text_usage_and_finish_reason_arrive()
    {
        await using var f = Fixture.With(Reply.Text("Grüße, 世界 🎉", "length"));
        var answer = await f.Ask();
        Assert.Equal("Grüße, 世界 🎉", answer.Text);
        Assert.Equal((11, 7, 18), (answer.Usage!.InputTokenCount, answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount));
        Assert.Equal(ChatFinishReason.Length, answer.FinishReason);
        Assert.Equal("scripted", answer.ModelId);
    }

    [Fact]
    public async Task Tool_calls_arrive_with_their_arguments_even_for_names_nobody_knows()
    {
        await using var f = Fixture.With(Reply.ToolCalls(("lookup", """{"id":"A-1"}"""), ("no_such_tool", "")));
        var answer = await f.Ask(options: new ChatOptions { Tools = [Fixture.Tool()] });
        var calls = answer.Messages[0].Contents.Cast<FunctionCallContent>().ToList();
        Assert.Equal(["call_0 lookup", "call_1 no_such_tool"], calls.Select(c => $"{c.CallId} {c.Name}"));
        Assert.Equal("A-1", ((JsonElement)calls[0].Arguments!["id"]!).GetString());
        Assert.Empty(calls[1].Arguments!);
        Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
    }

    [Theory]
    [InlineData("{\"id\":")]
    [InlineData("[1]")]
    [InlineData("{\"id\":1,\"id\":2}")]
    public async Task Arguments_that_are_no_object_are_kept_for_the_agent_to_correct(string arguments)
    {
        await using var f = Fixture.With(Reply.ToolCalls(("lookup", arguments)), Reply.Text("ok"));
        var answer = await f.Ask();
        var call = Assert.IsType<FunctionCallContent>(Assert.Single(answer.Messages[0].Contents));
        Assert.IsType<JsonException>(call.Exception);
        Assert.Equal(arguments, call.AdditionalProperties![ToolCalls.RawArguments]);
        Assert.Null(call.Arguments);

        await f.Client.GetResponseAsync(answer.Messages, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(arguments, f.Server.Requests[1].Json.GetProperty("messages")[0].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString());
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"hi"}}]}""")]
    [InlineData("""{"id":null,"model":null,"usage":null,"choices":[{"index":0,"finish_reason":null,"message":{"role":"assistant","content":"hi","tool_calls":null}}]}""")]
    [InlineData("""{"choices":[{"message":{"content":[{"type":"text","text":"h"},{"type":"text","text":"i"}]},"finish_reason":"eos"}],"created":"now","x_extra":{}}""")]
    public async Task Fields_that_servers_leave_out_or_add_do_no_harm(string body)
    {
        await using var f = Fixture.With(Reply.Json(body));
        var answer = await f.Ask();
        Assert.Equal("hi", answer.Text);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.Null(answer.Usage);
    }

    [Fact]
    public async Task Arguments_as_an_object_and_calls_without_ids_are_understood()
    {
        await using var f = Fixture.With(Reply.Json(
            """{"choices":[{"message":{"tool_calls":[{"function":{"name":"a","arguments":{"x":1}}},{"function":{"name":"a","arguments":{"x":2}}}]},"finish_reason":"stop"}]}"""));
        var answer = await f.Ask();
        var calls = answer.Messages[0].Contents.Cast<FunctionCallContent>().ToList();
        Assert.Equal([1, 2], calls.Select(c => ((JsonElement)c.Arguments!["x"]!).GetInt32()));
        Assert.Equal(2, calls.Select(c => c.CallId).Distinct().Count());
        Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
    }

    [Fact]
    public async Task Reasoning_is_kept_apart_from_the_answer()
    {
        await using var f = Fixture.With(Reply.Json("""{"choices":[{"message":{"reasoning_content":"hmm","content":"42"},"finish_reason":"stop"}]}"""));
        var answer = await f.Ask();
        Assert.Equal("42", answer.Text);
        Assert.Equal("hmm", Assert.Single(answer.Messages[0].Contents.OfType<TextReasoningContent>()).Text);
    }

    [Theory]
    [InlineData("not json", "application/json")]
    [InlineData("<html>Sign in</html>", "text/html")]
    [InlineData("{}", "application/json")]
    [InlineData("null", "application/json")]
    [InlineData("""{"choices":[]}""", "application/json")]
    [InlineData("""{"choices":[null]}""", "application/json")]
    [InlineData("""{"choices":[{"message":{"content":""}}]}""", "application/json")]
    [InlineData("""{"choices":[{"message":{"content":"a","content":"b"}}]}""", "application/json")]
    [InlineData("""{"choices":[],"choices":[{"message":{"content":"b"}}]}""", "application/json")]
    public async Task What_is_no_chat_completion_is_a_bad_response(string body, string contentType)
    {
        await using var f = Fixture.With(Reply.Whole(body, contentType));
        var error = await f.Fails();
        Assert.Equal(ModelErrorKind.BadResponse, error.Kind);
        Assert.True(error.TokensMayBeSpent);
        Assert.DoesNotContain("Sign in", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_end_is_refused_before_it_fills_the_memory()
    {
        await using var f = Fixture.With(o => o with { MaxResponseBytes = 100_000 },
            Reply.Raw().Head(200, ("Content-Type", "application/json")).Bytes("{\"choices\":\""u8.ToArray()).Endless(new byte[8192].Select(_ => (byte)'a').ToArray()));
        Assert.Equal(ModelErrorKind.BadResponse, (await f.Fails()).Kind);
    }
}
