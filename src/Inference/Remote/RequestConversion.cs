using AgentMesh.Agents.Models;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Remote;

/// <summary>
/// A chat call, to the wire and back. Not carried, because they mean something only inside one process or one vendor's service:
/// <see cref="ChatOptions.RawRepresentationFactory"/>, conversation ids, continuation tokens, background responses.
/// A function that could be invoked arrives as its declaration: tools run where the agent is.
/// </summary>
public static class RequestConversion
{
    /// <exception cref="ModelException">Something has no form on the wire; the message names it.</exception>
    public static InferenceRequest ToWire(
        IEnumerable<ChatMessage> messages, ChatOptions? options, string model, string tenant,
        InferencePriority priority = InferencePriority.Normal, TimeSpan? within = null) =>
        new(options?.ModelId ?? model, tenant, priority, [.. messages.Select(MessageConversion.ToWire)], options is null ? null : Options(options), within);

    public static IReadOnlyList<ChatMessage> Messages(this InferenceRequest request) => [.. request.Messages.Select(MessageConversion.FromWire)];

    public static ChatOptions ChatOptions(this InferenceRequest request)
    {
        var options = new ChatOptions { ModelId = request.Model };
        if (request.Options is not { } wire) return options;
        options.Instructions = wire.Instructions;
        options.Temperature = wire.Temperature;
        options.TopP = wire.TopP;
        options.TopK = wire.TopK;
        options.FrequencyPenalty = wire.FrequencyPenalty;
        options.PresencePenalty = wire.PresencePenalty;
        options.Seed = wire.Seed;
        options.MaxOutputTokens = wire.MaxOutputTokens;
        options.StopSequences = wire.Stop is null ? null : [.. wire.Stop];
        options.ResponseFormat = wire.Format switch
        {
            null => null,
            { Json: false } => ChatResponseFormat.Text,
            { Schema: { } schema } format => ChatResponseFormat.ForJsonSchema(schema, format.Name, format.Description),
            _ => ChatResponseFormat.Json,
        };
        options.Tools = wire.Tools is null ? null
            : [.. wire.Tools.Select(t => AIFunctionFactory.CreateDeclaration(t.Name, t.Description, t.Parameters, t.Returns))];
        options.ToolMode = wire.ToolChoice switch
        {
            null => null,
            { Kind: ToolChoiceKind.None } => ChatToolMode.None,
            { Kind: ToolChoiceKind.Required, Function: { } name } => ChatToolMode.RequireSpecific(name),
            { Kind: ToolChoiceKind.Required } => ChatToolMode.RequireAny,
            _ => ChatToolMode.Auto,
        };
        options.AllowMultipleToolCalls = wire.ParallelTools;
        if (wire.Extra is { } extra) options.AdditionalProperties = new(extra.Select(e => KeyValuePair.Create(e.Key, (object?)e.Value)));
        return options;
    }

    private static InferenceOptions Options(ChatOptions options) => new()
    {
        Instructions = options.Instructions,
        Temperature = Finite(options.Temperature, "temperature"),
        TopP = Finite(options.TopP, "top-p"),
        TopK = options.TopK,
        FrequencyPenalty = Finite(options.FrequencyPenalty, "frequency penalty"),
        PresencePenalty = Finite(options.PresencePenalty, "presence penalty"),
        Seed = options.Seed,
        MaxOutputTokens = options.MaxOutputTokens,
        Stop = options.StopSequences is null ? null : [.. options.StopSequences],
        Format = options.ResponseFormat switch
        {
            null => null,
            ChatResponseFormatJson json => new AnswerFormat(true, json.Schema, json.SchemaName, json.SchemaDescription),
            _ => new AnswerFormat(false),
        },
        Tools = options.Tools is null ? null : [.. options.Tools.Select(Tool)],
        ToolChoice = options.ToolMode switch
        {
            null => null,
            NoneChatToolMode => new ToolChoice(ToolChoiceKind.None),
            RequiredChatToolMode required => new ToolChoice(ToolChoiceKind.Required, required.RequiredFunctionName),
            _ => new ToolChoice(ToolChoiceKind.Auto),
        },
        ParallelTools = options.AllowMultipleToolCalls,
        Extra = options.AdditionalProperties?.ToDictionary(p => p.Key, p => MessageConversion.Element(p.Value), StringComparer.Ordinal),
    };

    private static InferenceTool Tool(AITool tool) => tool is AIFunctionDeclaration function
        ? new InferenceTool(function.Name, function.Description, function.JsonSchema, function.ReturnJsonSchema)
        : throw new ModelException(ModelErrorKind.Rejected, $"The tool '{tool.Name}' is not a function; the inference pool knows functions only.");

    private static float? Finite(float? value, string name) => value is { } number && !float.IsFinite(number)
        ? throw new ModelException(ModelErrorKind.Rejected, $"The {name} is {number}; give a number.")
        : value;
}
