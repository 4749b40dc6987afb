using System.Text;
using System.Text.Json;
using AgentMesh.Agents.Models;
using AgentMesh.ScriptedModel;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests;

public sealed class StreamTests
{
    [Fact]
    public async Task Parts_arrive_in_order_with_usage_at_the_end()
    {
        await using var f = Fixture.With(Reply.Streamed("Grü", "ße ", "🎉"));
        var updates = await f.Stream();
        var answer = updates.ToChatResponse();
        Assert.Equal("Grüße 🎉", answer.Text);
        Assert.Equal(11, answer.Usage!.InputTokenCount);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.Equal(4, updates.Count);
        Assert.True(f.Server.Requests[0].Json.GetProperty("stream").GetBoolean());
    }

    [Fact]
    public async Task Chunk_borders_may_fall_anywhere_even_inside_a_character()
    {
        var whole = Encoding.UTF8.GetBytes("data: {\"choices\":[{\"delta\":{\"content\":\"é世🎉\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
        var reply = Reply.Stream();
        foreach (var b in whole) reply.Chunk(new[] { b });
        await using var f = Fixture.With(reply.End());
        Assert.Equal("é世🎉", (await f.Stream()).ToChatResponse().Text);
    }

    [Fact]
    public async Task Carriage_returns_comments_and_other_fields_are_skipped()
    {
        await using var f = Fixture.With(Reply.Stream().Chunk(Encoding.UTF8.GetBytes(
            ": keep-alive\r\n\r\nevent: message\r\nid: 1\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\r\n\r\ndata: [DONE]\r\n\r\n")).End());
        Assert.Equal("hi", (await f.Stream()).ToChatResponse().Text);
    }

    [Fact]
    public async Task Tool_calls_are_put_together_from_their_pieces()
    {
        await using var f = Fixture.With(Reply.Stream()
            .Event("""{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"lookup","arguments":""}}]}}]}""")
            .Event("""{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"id\":"}}]}}]}""")
            .Event("""{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"notify","arguments":"{}"}}]}}]}""")
            .Event("""{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"A-1\"}"}}]}}]}""")
            .Event("""{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}""").Event("[DONE]").End());
        var calls = (await f.Stream()).ToChatResponse().Messages[0].Contents.Cast<FunctionCallContent>().ToList();
        Assert.Equal(["a lookup", "b notify"], calls.Select(c => $"{c.CallId} {c.Name}"));
        Assert.Equal("A-1", ((JsonElement)calls[0].Arguments!["id"]!).GetString());
    }

    [Fact]
    public async Task Whole_calls_without_numbers_stay_apart()
    {
        await using var f = Fixture.With(Reply.Stream()
            .Event("""{"choices":[{"delta":{"tool_calls":[{"function":{"name":"a","arguments":"{}"}},{"function":{"name":"b","arguments":"{}"}}]}}]}""")
            .Event("[DONE]").End());
        var calls = (await f.Stream()).ToChatResponse().Messages[0].Contents.Cast<FunctionCallContent>().ToList();
        Assert.Equal(["a", "b"], calls.Select(c => c.Name));
        Assert.Equal(2, calls.Select(c => c.CallId).Distinct().Count());
    }

    public static TheoryData<string> Cuts => ["ended", "mid-chunk", "mid-event", "reset"];

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_cut_stream_is_an_error_never_a_short_answer(string cut)
    {
        var reply = Reply.Stream().Delta("The refund is ");
        reply = cut switch
        {
            "ended" => reply.End(),
            "mid-chunk" => reply.Bytes("40\r\ndata: {\"cho"u8.ToArray()),
            "mid-event" => reply.Chunk("data: {\"choices\":[{\"delta\":{\"content\":\"not"u8.ToArray()).End(),
            _ => reply.Reset(),
        };
        await using var f = Fixture.With(reply);
        var seen = new List<ChatResponseUpdate>();
        var error = await Assert.ThrowsAsync<ModelException>(() => f.Stream(into: seen));
        Assert.Equal(ModelErrorKind.Unavailable, error.Kind);
        Assert.DoesNotContain(seen, u => u.FinishReason is not null);
    }

    [Fact]
    public async Task A_finish_reason_is_an_end_without_the_mark_and_the_mark_without_a_reason()
    {
        await using var f = Fixture.With(
            Reply.Stream().Event("""{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}""").End(),
            Reply.Stream().Delta("b").Event("[DONE]").End());
        Assert.Equal("a", (await f.Stream()).ToChatResponse().Text);
        Assert.Equal("b", (await f.Stream()).ToChatResponse().Text);
    }

    [Theory]
    [InlineData("{nope")]
    [InlineData("""{"choices":[{"delta":{"content":"a","content":"b"}}]}""")]
    [InlineData("[DONE]")]
    public async Task A_stream_of_nonsense_or_nothing_is_a_bad_response(string data)
    {
        await using var f = Fixture.With(Reply.Stream().Event(data).End());
        Assert.Equal(ModelErrorKind.BadResponse, (await Assert.ThrowsAsync<ModelException>(() => f.Stream())).Kind);
    }

    [Fact]
    public async Task An_error_inside_a_stream_is_an_error()
    {
        await using var f = Fixture.With(Reply.Stream().Delta("so far").Event("""{"error":{"message":"out of memory","code":"oom"}}""").End());
        var error = await Assert.ThrowsAsync<ModelException>(() => f.Stream());
        Assert.Equal(ModelErrorKind.Unavailable, error.Kind);
        Assert.Contains("out of memory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_ignores_streaming_is_read_all_the_same()
    {
        await using var f = Fixture.With(Reply.Text("whole"));
        var answer = (await f.Stream()).ToChatResponse();
        Assert.Equal("whole", answer.Text);
        Assert.Equal(11, answer.Usage!.InputTokenCount);
    }

    [Fact]
    public async Task A_stream_without_end_is_refused()
    {
        var line = Encoding.UTF8.GetBytes("8\r\ndata: aa\r\n");
        await using var f = Fixture.With(o => o with { MaxResponseBytes = 100_000 }, Reply.Stream().Endless(line));
        Assert.Equal(ModelErrorKind.BadResponse, (await Assert.ThrowsAsync<ModelException>(() => f.Stream())).Kind);
    }
}
