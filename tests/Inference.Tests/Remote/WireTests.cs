using System.Text;
using System.Text.Json;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.OpenAi;
using AgentMesh.Inference.Remote;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests.Remote;

public sealed class WireTests
{
    private static InferenceRequest Send(IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
        InferenceJson.ReadRequest(InferenceJson.Write(RequestConversion.ToWire(messages, options, "m", "t", InferencePriority.Interactive, TimeSpan.FromSeconds(90))));

    private static AIContent Back(AIContent content) =>
        Assert.Single(Assert.Single(Send([new ChatMessage(ChatRole.Assistant, [content])]).Messages()).Contents);

    [Fact]
    public void Text_of_any_kind_arrives_as_it_was() => Prop.ForAll<string>(text =>
    {
        // What is no text at all (half a surrogate pair) has no form in UTF-8.
        var sent = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));
        return ((TextContent)Back(new TextContent(sent))).Text == sent;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("🎉 \u0000 \u2028 \" \\ </script> \r\n é世")]
    [InlineData("")]
    public void Awkward_text_arrives_as_it_was(string text) => Assert.Equal(text, ((TextContent)Back(new TextContent(text))).Text);

    [Fact]
    public void Half_a_surrogate_pair_is_replaced_and_breaks_nothing() => Assert.Equal("a\uFFFDb", ((TextContent)Back(new TextContent("a\ud800b"))).Text);

    [Fact]
    public void Who_said_it_and_what_surrounds_it_arrive()
    {
        var request = Send([new ChatMessage(new ChatRole("developer"), "x") { AuthorName = "Ann", MessageId = "1" }, new ChatMessage(ChatRole.User, [])]);
        Assert.Equal(("m", "t", InferencePriority.Interactive, TimeSpan.FromSeconds(90)), (request.Model, request.Tenant, request.Priority, request.Within!.Value));
        var messages = request.Messages();
        Assert.Equal(("developer", "Ann", "1"), (messages[0].Role.Value, messages[0].AuthorName, messages[0].MessageId));
        Assert.Empty(messages[1].Contents);
    }

    [Theory]
    [InlineData("""{"id":"A-1","n":1.50,"big":12345678901234567890,"deep":{"a":[null,true,{"":""}]},"none":null}""")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("[1,2]")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("{\"half")]
    public void A_call_means_the_same_to_the_model_that_wrote_it(string arguments)
    {
        var call = ToolCalls.Read("c1", "lookup", arguments);
        var back = (FunctionCallContent)Back(call);
        Assert.Equal((call.CallId, call.Name, call.Exception?.Message), (back.CallId, back.Name, back.Exception?.Message));
        Assert.Equal(call.Arguments is null, back.Arguments is null);
        Assert.Equal(ToolCalls.ArgumentsText(call), ToolCalls.ArgumentsText(back));
    }

    [Fact]
    public void Arguments_from_code_become_json()
    {
        var back = (FunctionCallContent)Back(new FunctionCallContent("c", "f", new Dictionary<string, object?> { ["s"] = "x", ["n"] = 3, ["b"] = true, ["none"] = null }));
        Assert.Equal("""{"s":"x","n":3,"b":true,"none":null}""", ToolCalls.ArgumentsText(back));
    }

    [Fact]
    public void Results_arrive_as_text_json_nothing_or_error()
    {
        Assert.Equal("plain \"text\"", ((FunctionResultContent)Back(new FunctionResultContent("c", "plain \"text\""))).Result);
        Assert.Equal("""{"a": [1.0]}""", ((JsonElement)((FunctionResultContent)Back(new FunctionResultContent("c", Fixture.Parse("""{"a": [1.0]}""")))).Result!).GetRawText().Replace(":[", ": [", StringComparison.Ordinal));
        var failed = (FunctionResultContent)Back(new FunctionResultContent("c", null) { Exception = new InvalidOperationException("no such account") });
        Assert.Null(failed.Result);
        Assert.Equal("no such account", failed.Exception!.Message);
    }

    [Fact]
    public void Reasoning_images_and_links_arrive()
    {
        var reasoning = (TextReasoningContent)Back(new TextReasoningContent("because") { ProtectedData = "opaque" });
        Assert.Equal(("because", "opaque"), (reasoning.Text, reasoning.ProtectedData));
        var image = (DataContent)Back(new DataContent(new byte[] { 1, 2, 3 }, "image/png"));
        Assert.Equal(new byte[] { 1, 2, 3 }, image.Data.ToArray());
        Assert.Equal("image/png", image.MediaType);
        Assert.Equal("https://example.com/a.png", ((UriContent)Back(new UriContent("https://example.com/a.png", "image/png"))).Uri.ToString());
    }

    [Fact]
    public void What_has_no_form_is_refused_by_name()
    {
        var unknown = Assert.Throws<ModelException>(() => Send([new ChatMessage(ChatRole.User, [new HostedFileContent("f")])]));
        Assert.Equal(ModelErrorKind.Rejected, unknown.Kind);
        Assert.Contains("HostedFileContent", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("Stream", Assert.Throws<ModelException>(() => Back(new FunctionResultContent("c", Stream.Null))).Message, StringComparison.Ordinal);
        Assert.Contains("temperature", Assert.Throws<ModelException>(() => Send([], new ChatOptions { Temperature = float.NaN })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_arrive_whole()
    {
        var schema = Fixture.Parse("""{"type":"object","properties":{"a":{"type":"string","description":"é \"x\""}},"required":["a"]}""");
        var sent = new ChatOptions
        {
            Instructions = "Be brief.", Temperature = 0.2f, TopP = 0.95f, TopK = 40, FrequencyPenalty = -0.5f, PresencePenalty = 0.1f, Seed = long.MaxValue,
            MaxOutputTokens = 64, StopSequences = ["\n\n", "END"], ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, "answer", "One."),
            Tools = [AIFunctionFactory.CreateDeclaration("lookup", "Looks up.", schema, schema)], ToolMode = ChatToolMode.RequireSpecific("lookup"),
            AllowMultipleToolCalls = false, AdditionalProperties = new() { ["min_p"] = 0.05 },
        };
        var got = Send([], sent).ChatOptions();
        Assert.Equal((sent.Instructions, sent.Temperature, sent.TopP, sent.TopK, sent.FrequencyPenalty, sent.PresencePenalty),
            (got.Instructions, got.Temperature, got.TopP, got.TopK, got.FrequencyPenalty, got.PresencePenalty));
        Assert.Equal((sent.Seed, sent.MaxOutputTokens, sent.AllowMultipleToolCalls, sent.ToolMode), (got.Seed, got.MaxOutputTokens, got.AllowMultipleToolCalls, got.ToolMode));
        Assert.Equal(sent.StopSequences, got.StopSequences);
        var format = Assert.IsType<ChatResponseFormatJson>(got.ResponseFormat);
        Assert.Equal(("answer", "One.", true), (format.SchemaName, format.SchemaDescription, JsonElement.DeepEquals(schema, format.Schema!.Value)));
        var tool = Assert.IsAssignableFrom<AIFunctionDeclaration>(Assert.Single(got.Tools!));
        Assert.Equal(("lookup", "Looks up.", true, true),
            (tool.Name, tool.Description, JsonElement.DeepEquals(schema, tool.JsonSchema), JsonElement.DeepEquals(schema, tool.ReturnJsonSchema!.Value)));
        Assert.Equal("0.05", ((JsonElement)got.AdditionalProperties!["min_p"]!).GetRawText());
    }

    [Fact]
    public void Every_format_and_every_choice_of_tools_arrives()
    {
        foreach (var format in new ChatResponseFormat?[] { null, ChatResponseFormat.Text, ChatResponseFormat.Json })
            Assert.Equal(format?.GetType(), Send([], new ChatOptions { ResponseFormat = format }).ChatOptions().ResponseFormat?.GetType());
        foreach (var mode in new ChatToolMode?[] { null, ChatToolMode.Auto, ChatToolMode.None, ChatToolMode.RequireAny })
            Assert.Equal(mode, Send([], new ChatOptions { ToolMode = mode }).ChatOptions().ToolMode);
    }

    [Fact]
    public void An_answer_arrives_whole()
    {
        var sent = new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextContent("yes"), ToolCalls.Read("c", "f", "{\"a\":1}")]))
        {
            FinishReason = new ChatFinishReason("odd"), ResponseId = "r", ModelId = "m-1", CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)),
            Usage = new UsageDetails { InputTokenCount = 5, OutputTokenCount = 7, TotalTokenCount = 12, CachedInputTokenCount = 3, ReasoningTokenCount = 2 },
        };
        var got = InferenceJson.ReadReply(InferenceJson.Write(new InferenceReply(sent.ToWire(), null))).Answer!.FromWire();
        Assert.Equal(("yes", "odd", "r", "m-1", sent.CreatedAt), (got.Text, got.FinishReason!.Value.Value, got.ResponseId, got.ModelId, got.CreatedAt));
        Assert.Equal((5, 7, 12, 3, 2), (got.Usage!.InputTokenCount, got.Usage.OutputTokenCount, got.Usage.TotalTokenCount, got.Usage.CachedInputTokenCount, got.Usage.ReasoningTokenCount));
        Assert.Equal("{\"a\":1}", ToolCalls.ArgumentsText(got.Messages[0].Contents.OfType<FunctionCallContent>().Single()));
    }

    [Fact]
    public void A_stream_adds_up_to_the_same_answer()
    {
        ChatResponseUpdate[] sent =
        [
            new(ChatRole.Assistant, "Grü") { ResponseId = "r", MessageId = "1" }, new(null, "ße 🎉"),
            new(null, [new UsageContent(new UsageDetails { InputTokenCount = 5, OutputTokenCount = 2 })]) { FinishReason = ChatFinishReason.Length },
        ];
        var got = sent.Select(u => InferenceJson.ReadUpdate(InferenceJson.Write(u.ToWire())).FromWire()).ToChatResponse();
        Assert.Equal(("Grüße 🎉", ChatFinishReason.Length, 5, 2), (got.Text, got.FinishReason, got.Usage!.InputTokenCount, got.Usage.OutputTokenCount));
    }

    [Fact]
    public void Errors_mean_the_same_on_the_other_side()
    {
        foreach (var kind in Enum.GetValues<ModelErrorKind>())
        {
            var sent = new ModelException(kind, "Do this.") { RetryAfter = TimeSpan.FromSeconds(3), StatusCode = 429, Unsupported = ModelFeature.JsonSchema, TokensMayBeSpent = true };
            var got = InferenceJson.ReadReply(InferenceJson.Write(InferenceReply.Failed(InferenceError.From(sent)))).Error!.ToException();
            Assert.Equal((kind, "Do this.", sent.RetryAfter, 429, ModelFeature.JsonSchema, true), (got.Kind, got.Message, got.RetryAfter, got.StatusCode, got.Unsupported, got.TokensMayBeSpent));
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"model":"m","model":"n","tenant":"t","priority":"Normal","messages":[]}""")]
    [InlineData("""{"model":null,"tenant":"t","priority":"Normal","messages":[]}""")]
    [InlineData("""{"model":"m","tenant":"t","priority":"Normal","messages":[{"role":"user","parts":[{"kind":"virus","value":"x"}]}]}""")]
    public void What_is_no_request_is_refused(string json) => Assert.Throws<JsonException>(() => InferenceJson.ReadRequest(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_newer_silo_may_add_fields() =>
        Assert.Equal("x", Assert.IsType<InferencePart.Text>(InferenceJson.ReadRequest(
            """{"new":1,"model":"m","tenant":"t","priority":"Normal","messages":[{"role":"user","parts":[{"value":"x","new":2,"kind":"text"}]}]}"""u8).Messages[0].Parts[0]).Value);
}
