using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentMesh.Contracts;
using Microsoft.Extensions.AI;

namespace AgentMesh.Agents.Loop;

/// <summary>Reads a model's answer: native calls, or one JSON action in the text, however it is wrapped.</summary>
internal static partial class ActionReader
{
    public const string FinishFunction = "finish";
    public const string AskFunction = "ask_person";
    public const string SpawnFunction = "spawn_helpers";

    /// <summary>Where a client puts the text of arguments that it could not read.</summary>
    private const string RawArguments = "raw_arguments";

    private const string Forms =
        "Answer with exactly one JSON object: {\"tool\": NAME, \"arguments\": {…}} or {\"final\": VALUE, \"confidence\": 0..1, \"reason\": TEXT, \"evidence\": [IDS]}.";

    /// <param name="names">Native function name → tool name.</param>
    /// <returns>At least one action.</returns>
    public static IReadOnlyList<ModelAction> Read(ChatResponse response, IReadOnlyDictionary<string, string> names)
    {
        var native = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()
            .Select(call => Native(call, names)).ToList();
        return native.Count > 0 ? native : [FromText(response.Text)];
    }

    private static ModelAction Native(FunctionCallContent call, IReadOnlyDictionary<string, string> names)
    {
        // The same from the journal as from the model: an exception is not journalled, what the model wrote is.
        var broken = call.Exception is not null || call.AdditionalProperties?.ContainsKey(RawArguments) == true;
        if (call.Name.Length == 0)
            return new ModelAction.Malformed("The call names no tool, or is not JSON. Call again, with the tool's name and one JSON object of arguments.") { NativeId = call.CallId };
        if (broken)
            return new ModelAction.Malformed($"The arguments of {call.Name} are not JSON. Call it again with one JSON object.") { NativeId = call.CallId };
        JsonElement arguments;
        try
        {
            arguments = Arguments(call.Arguments);
        }
        catch (JsonException)
        {
            return new ModelAction.Malformed($"The arguments of {call.Name} are not JSON. Call it again with one JSON object.") { NativeId = call.CallId };
        }
        ModelAction action = call.Name switch
        {
            FinishFunction when arguments.Property("value") is { } value => Finish(value, arguments),
            FinishFunction => new ModelAction.Malformed("finish lacks 'value'. Call it again with the value."),
            AskFunction => new ModelAction.AskPerson(arguments.Text("question") ?? "", arguments.Texts("choices")),
            SpawnFunction => new ModelAction.SpawnHelpers(arguments.Items("helpers"), arguments.Text("reason") ?? ""),
            _ => new ModelAction.UseTool(names.GetValueOrDefault(call.Name, call.Name), arguments),
        };
        return action with { NativeId = call.CallId };
    }

    private static ModelAction FromText(string text)
    {
        var body = Thinking().Replace(text, "").Trim();
        if (body.Length == 0) return new ModelAction.Malformed($"The answer is empty. {Forms}");
        if (FirstObject(body) is not { } json) return new ModelAction.Malformed($"The answer holds no JSON object. {Forms}");
        JsonElement action;
        try
        {
            action = MeshJson.Parse(json);
        }
        catch (JsonException error)
        {
            var place = error.LineNumber is { } line ? $" (line {line + 1}, byte {error.BytePositionInLine})" : "";
            return new ModelAction.Malformed($"The JSON cannot be read{place}: {FirstSentence(error.Message)} {Forms}");
        }
        return FromObject(action);
    }

    private static ModelAction FromObject(JsonElement action)
    {
        if (action.Text("tool") is { } tool)
        {
            if (action.Property("arguments") is not { } arguments) return new ModelAction.UseTool(tool, MeshJson.Parse("{}"));
            return arguments.ValueKind == JsonValueKind.Object
                ? new ModelAction.UseTool(tool, arguments)
                : new ModelAction.Malformed("'arguments' must be a JSON object. " + Forms);
        }
        if (action.TryGetProperty("final", out var value)) return Finish(value, action);
        if (action.Text("ask") is { } question) return new ModelAction.AskPerson(question, action.Texts("choices"));
        if (action.Property("spawn") is { ValueKind: JsonValueKind.Array }) return new ModelAction.SpawnHelpers(action.Items("spawn"), action.Text("reason") ?? "");
        if (action.Property("enough") is { ValueKind: JsonValueKind.True or JsonValueKind.False } enough)
            return new ModelAction.Judge(enough.ValueKind == JsonValueKind.True, Confidence(action), action.Text("reason") ?? "");
        var keys = string.Join(", ", action.EnumerateObject().Select(property => $"'{property.Name}'"));
        return new ModelAction.Malformed($"The object has {(keys.Length == 0 ? "no properties" : keys)}, but neither 'tool' nor 'final'. {Forms}");
    }

    private static ModelAction.Finish Finish(JsonElement value, JsonElement envelope) =>
        new(value, Confidence(envelope) ?? Confidence(value), envelope.Text("reason") ?? "", envelope.Texts("evidence"));

    private static double? Confidence(JsonElement element) => element.Number("confidence") is { } number ? Math.Clamp(number, 0, 1) : null;

    /// <summary>Arguments come parsed or raw, depending on whether the response is new or from the journal.</summary>
    private static JsonElement Arguments(IDictionary<string, object?>? arguments)
    {
        var node = new JsonObject();
        foreach (var (name, value) in arguments ?? new Dictionary<string, object?>(StringComparer.Ordinal))
            node[name] = value switch
            {
                null => null,
                JsonElement element => element.Node(),
                JsonNode inner => inner.DeepClone(),
                string text => text,
                bool flag => flag,
                int number => number,
                long number => number,
                double number => number,
                decimal number => number,
                _ => Convert.ToString(value, CultureInfo.InvariantCulture),
            };
        return node.Element();
    }

    /// <summary>The first complete object; braces in strings do not count. An object that is cut off is returned whole, so that the parser can say where.</summary>
    private static string? FirstObject(string text)
    {
        var start = text.IndexOf('{', StringComparison.Ordinal);
        if (start < 0) return null;
        var depth = 0;
        var quoted = false;
        for (var i = start; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c == '\\') i++;
                else if (c == '"') quoted = false;
            }
            else if (c == '"') quoted = true;
            else if (c == '{') depth++;
            else if (c == '}' && --depth == 0) return text[start..(i + 1)];
        }
        return text[start..];
    }

    private static string FirstSentence(string message) => message.Split(". ")[0].TrimEnd('.') + ".";

    [GeneratedRegex("<think>.*?</think>", RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Thinking();
}
