using AgentMesh.Agents.Models;
using AgentMesh.ScriptedModel;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests;

public sealed class CapabilityTests
{
    private static ChatOptions WithTools => new() { Tools = [Fixture.Tool()] };

    private static ChatOptions WithSchema => new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(Fixture.Parse("""{"type":"object"}""")) };

    [Theory]
    [InlineData(400, "registry.ollama.ai/library/gemma does not support tools")]
    [InlineData(400, "\\\"auto\\\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set")]
    [InlineData(500, "tools param requires --jinja flag")]
    [InlineData(422, "Extra inputs are not permitted: tools")]
    [InlineData(501, "tools are not implemented")]
    public async Task A_server_without_tools_is_remembered(int status, string message)
    {
        await using var f = Fixture.With(Reply.Json($$$"""{"error":{"message":"{{{message}}}"}}""", status));
        Assert.Equal(Support.Unknown, ModelCapabilities.Of(f.Client).NativeTools);
        for (var i = 0; i < 2; i++)
        {
            var error = await f.Fails(options: WithTools);
            Assert.Equal((ModelErrorKind.Rejected, (ModelFeature?)ModelFeature.NativeTools), (error.Kind, error.Unsupported));
        }

        Assert.Single(f.Server.Requests);
        Assert.Equal(Support.No, ModelCapabilities.Of(f.Client).NativeTools);
    }

    [Theory]
    [InlineData("Invalid schema for function 'lookup' in tools[0]")]
    [InlineData("messages with role tool must follow a message with tool_calls")]
    public async Task A_refusal_for_another_reason_proves_nothing_about_tools(string message)
    {
        await using var f = Fixture.With(Reply.Error(400, message));
        Assert.Null((await f.Fails(options: WithTools)).Unsupported);
        Assert.Equal(Support.Unknown, ModelCapabilities.Of(f.Client).NativeTools);
    }

    [Fact]
    public async Task A_tool_call_proves_tools()
    {
        await using var f = Fixture.With(Reply.ToolCalls(("lookup", "{}")));
        await f.Ask(options: WithTools);
        Assert.Equal(Support.Yes, ModelCapabilities.Of(f.Client).NativeTools);
    }

    [Theory]
    [InlineData("This response_format type is unavailable now")]
    [InlineData("'response_format.type' must be one of text, json_object")]
    [InlineData("json_schema is not supported")]
    public async Task A_server_without_response_formats_is_remembered(string message)
    {
        await using var f = Fixture.With(Reply.Error(400, message));
        Assert.Equal(ModelFeature.JsonSchema, (await f.Fails(options: WithSchema)).Unsupported);
        Assert.Equal(ModelFeature.JsonSchema, (await f.Fails(options: WithSchema)).Unsupported);
        Assert.Single(f.Server.Requests);
    }

    [Theory]
    [InlineData("{\"a\":1}", Support.Yes)]
    [InlineData("Sure! Here is your JSON:", Support.No)]
    public async Task An_answer_shows_whether_the_response_format_was_heeded(string text, Support support)
    {
        await using var f = Fixture.With(Reply.Text(text));
        await f.Ask(options: WithSchema);
        Assert.Equal(support, ModelCapabilities.Of(f.Client).JsonSchema);
    }

    [Fact]
    public async Task Configured_support_is_not_overruled()
    {
        await using var on = Fixture.With(o => o with { NativeTools = ToolSupport.On }, Reply.Error(400, "does not support tools"));
        await on.Fails(options: WithTools);
        Assert.Equal(Support.Yes, ModelCapabilities.Of(on.Client).NativeTools);

        await using var off = Fixture.With(o => o with { NativeTools = ToolSupport.Off });
        Assert.Equal(ModelFeature.NativeTools, (await off.Fails(options: WithTools)).Unsupported);
        Assert.Empty(off.Server.Requests);
    }

    [Fact]
    public async Task A_field_that_the_model_wants_renamed_or_left_out_is_adapted_once_and_remembered()
    {
        await using var f = Fixture.With(
            Reply.Error(400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
            Reply.Error(400, "Unsupported value: 'temperature' does not support 0.2 with this model."),
            Reply.Text("a"), Reply.Text("b"));
        var options = new ChatOptions { Temperature = 0.2f };
        Assert.Equal("a", (await f.Ask(options: options)).Text);
        Assert.Equal("b", (await f.Ask(options: options)).Text);
        Assert.Equal(4, f.Server.Requests.Count);
        var last = f.Server.Requests[3].Json;
        Assert.True(last.TryGetProperty("max_completion_tokens", out _));
        Assert.False(last.TryGetProperty("max_tokens", out _));
        Assert.False(last.TryGetProperty("temperature", out _));
    }

    [Fact]
    public async Task A_server_that_repeats_its_wish_is_not_asked_for_ever()
    {
        await using var f = Fixture.With();
        for (var i = 0; i < 10; i++) f.Server.Then(Reply.Error(400, "use max_completion_tokens"));
        Assert.Equal(ModelErrorKind.Rejected, (await f.Fails()).Kind);
        Assert.Equal(2, f.Server.Requests.Count);
    }
}
