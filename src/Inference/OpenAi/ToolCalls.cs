using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.OpenAi;

/// <summary>
/// Reads tool calls, whole or in the pieces of a stream. What a model writes as arguments is checked here only for being a JSON object;
/// where it is not, the call carries an <see cref="FunctionCallContent.Exception"/> and the text under <see cref="RawArguments"/>,
/// so that the agent can show the model its mistake.
/// </summary>
public static class ToolCalls
{
    /// <summary>Key in <see cref="AIContent.AdditionalProperties"/> of the text that could not be read as arguments.</summary>
    public const string RawArguments = "raw_arguments";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    internal static FunctionCallContent Read(string id, string name, string arguments)
    {
        try
        {
            if (string.IsNullOrWhiteSpace(arguments)) return new FunctionCallContent(id, name, new Dictionary<string, object?>(StringComparer.Ordinal));
            using var json = JsonDocument.Parse(arguments, Strict);
            if (json.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException($"The arguments are a JSON {json.RootElement.ValueKind.ToString().ToLowerInvariant()}, not an object.");
            return new FunctionCallContent(id, name,
                json.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value.Clone(), StringComparer.Ordinal));
        }
        catch (JsonException e)
        {
            return Broken(id, name, arguments, new JsonException($"The arguments of '{name}' are not one JSON object: {e.Message}", e));
        }
    }

    /// <param name="name">Empty where it cannot be told.</param>
    /// <param name="raw">What the model wrote.</param>
    internal static FunctionCallContent Broken(string id, string name, string raw, JsonException why) =>
        new(id, name) { Exception = why, AdditionalProperties = new AdditionalPropertiesDictionary { [RawArguments] = raw } };

    /// <summary>As the model wrote them where they could not be read; otherwise as JSON.</summary>
    internal static string ArgumentsText(FunctionCallContent call)
    {
        if (call.AdditionalProperties?.TryGetValue(RawArguments, out var raw) == true && raw is string text) return text;
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>(StringComparer.Ordinal))
            {
                json.WritePropertyName(name);
                if (value is null) json.WriteNullValue();
                else if (value is JsonElement element) element.WriteTo(json);
                else JsonSerializer.Serialize(json, value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType()));
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    internal static string Text(JsonElement arguments) => arguments.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => arguments.GetString()!,
        _ => arguments.GetRawText(),
    };

    /// <summary>Puts the pieces of streamed calls together.</summary>
    /// <param name="turn">Makes ids for servers that give none; unique among the turns of one conversation.</param>
    internal sealed class Assembler(string turn)
    {
        private readonly List<Call> _calls = [];

        public void Add(ToolCall piece)
        {
            var call = Find(piece);
            if (!string.IsNullOrEmpty(piece.Id)) call.Id = piece.Id;
            if (!string.IsNullOrEmpty(piece.Function?.Name)) call.Name = piece.Function.Name;
            if (piece.Function is { } function) call.Arguments.Append(Text(function.Arguments));
        }

        public IReadOnlyList<FunctionCallContent> Finish() =>
            [.. _calls.Select((call, i) => Read(call.Id ?? $"call_{turn}_{i}", call.Name ?? "", call.Arguments.ToString()))];

        /// <summary>By index where there is one; else a new id or a new name begins a call.</summary>
        private Call Find(ToolCall piece)
        {
            if (piece.Index is { } index && _calls.Find(c => c.Index == index) is { } known) return known;
            if (piece.Index is null && _calls.Count > 0 && string.IsNullOrEmpty(piece.Id) && string.IsNullOrEmpty(piece.Function?.Name)) return _calls[^1];
            var call = new Call { Index = piece.Index };
            _calls.Add(call);
            return call;
        }

        private sealed class Call
        {
            public int? Index { get; init; }
            public string? Id { get; set; }
            public string? Name { get; set; }
            public StringBuilder Arguments { get; } = new();
        }
    }
}
