using AgentMesh.Inference.Templates.Jinja;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Templates;

/// <summary>Turns and tools as the values that a template reads, in the shape of transformers' apply_chat_template.</summary>
internal static class TurnValues
{
    public static ListValue Messages(IEnumerable<Turn> turns, TemplateTraits traits)
    {
        var ids = new Dictionary<string, MarkedText>(StringComparer.Ordinal);
        // Some templates take only ids of nine letters and digits.
        MarkedText Id(MarkedText id)
        {
            if (!traits.ShortIds) return id;
            if (!ids.TryGetValue(id.Value, out var known)) ids[id.Value] = known = MarkedText.Own($"call{ids.Count + 1:00000}");
            return known;
        }

        return new ListValue([.. turns.Select(turn => (object?)Message(turn, traits, Id))]);
    }

    /// <returns>Null without tools: templates ask for that.</returns>
    public static ListValue? Tools(IReadOnlyList<AIFunctionDeclaration> tools) =>
        tools.Count == 0 ? null : new ListValue([.. tools.Select(t => (object?)new DictValue().With("type", MarkedText.Own("function")).With("function", Tool(t)))]);

    public static DictValue Tool(AIFunctionDeclaration tool) => new DictValue()
        .With("name", new MarkedText(tool.Name, outside: true))
        .With("description", new MarkedText(tool.Description, outside: true))
        .With("parameters", JsonText.Read(tool.JsonSchema, outside: true));

    private static DictValue Message(Turn turn, TemplateTraits traits, Func<MarkedText, MarkedText> id)
    {
        var message = new DictValue().With("role", MarkedText.Own(turn.Role))
            .With("content", turn.Calls is not null && turn.Text.Length == 0 && traits.NoneContent ? null : turn.Text);
        if (turn.Reasoning is { } reasoning) message.With("reasoning_content", reasoning);
        if (turn.CallId is { } callId) message.With("name", turn.Name).With("tool_call_id", id(callId));
        if (turn.Calls is not { } calls) return message;
        return message.With("tool_calls", new ListValue([.. calls.Select(call => (object?)new DictValue()
            .With("id", id(call.Id))
            .With("type", MarkedText.Own("function"))
            .With("function", new DictValue().With("name", call.Name).With("arguments", traits.TextArguments ? call.Arguments : Parsed(call.Arguments))))]));
    }

    /// <summary>What a model once wrote as arguments may be no JSON; the template then gets the text.</summary>
    private static object? Parsed(MarkedText json)
    {
        try
        {
            return JsonText.Parse(json);
        }
        catch (EvaluationException)
        {
            return json;
        }
    }
}
