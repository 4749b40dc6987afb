using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Templates.ToolCalling;

/// <summary>
/// Calls whose arguments stand between tags, each as text: Qwen3-Coder (<c>&lt;function=name&gt;&lt;parameter=key&gt;value&lt;/parameter&gt;&lt;/function&gt;</c>) and
/// GLM (<c>name&lt;arg_key&gt;key&lt;/arg_key&gt;&lt;arg_value&gt;value&lt;/arg_value&gt;</c>), both inside of <c>&lt;tool_call&gt;</c>. A tool's schema says which texts are strings and which JSON.
/// </summary>
internal sealed record TaggedCalls(string Name, bool Pairs) : CallSyntax(Name, [Opener])
{
    private const string Opener = "<tool_call>";
    private const string Closer = "</tool_call>";

    public override bool MayEnd(ReadOnlySpan<char> piece) => piece.Contains('>');

    public override CallReading Read(string text, int at, string opener, bool final, IReadOnlyList<AIFunctionDeclaration> tools)
    {
        var start = at + opener.Length;
        var end = text.IndexOf(Closer, start, StringComparison.Ordinal);
        if (end < 0) return final ? new CallReading(text.Length, null, "the answer ends inside of a tool call.") : CallReading.More;
        var body = text[start..end];
        try
        {
            return new CallReading(end + Closer.Length, [Pairs ? OfPairs(body, tools) : OfParameters(body, tools)]);
        }
        catch (JsonException e)
        {
            return new CallReading(end + Closer.Length, null, $"This is no tool call: {e.Message}");
        }
    }

    public override ToolCallGrammar? Grammar(IReadOnlyList<AIFunctionDeclaration> tools) => null;

    private static WrittenCall OfParameters(string body, IReadOnlyList<AIFunctionDeclaration> tools)
    {
        var (name, at) = Between(body, 0, "<function=", ">") ?? throw new JsonException("'<function=' is missing.");
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        while (Between(body, at, "<parameter=", ">") is var (key, after))
        {
            var end = body.IndexOf("</parameter>", after, StringComparison.Ordinal);
            if (end < 0) throw new JsonException($"the parameter '{key}' has no end.");
            Add(arguments, name, key, Trimmed(body[after..end]), tools);
            at = end;
        }

        return Called(name, arguments);
    }

    private static WrittenCall OfPairs(string body, IReadOnlyList<AIFunctionDeclaration> tools)
    {
        var keys = body.IndexOf("<arg_key>", StringComparison.Ordinal);
        var name = (keys < 0 ? body : body[..keys]).Trim();
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        var at = 0;
        while (Between(body, at, "<arg_key>", "</arg_key>") is var (key, after))
        {
            var (value, next) = Between(body, after, "<arg_value>", "</arg_value>") ?? throw new JsonException($"the argument '{key}' has no value.");
            Add(arguments, name, key.Trim(), value, tools);
            at = next;
        }

        return Called(name, arguments);
    }

    private static WrittenCall Called(string name, Dictionary<string, object?> arguments) =>
        name.Trim() is { Length: > 0 } called && called.AsSpan().IndexOfAny("\n<>{") < 0 ? new WrittenCall(called, arguments, null) : throw new JsonException("it names no tool.");

    private static void Add(Dictionary<string, object?> arguments, string tool, string key, string value, IReadOnlyList<AIFunctionDeclaration> tools)
    {
        if (!arguments.TryAdd(key, Value(tool.Trim(), key, value, tools))) throw new JsonException($"'{key}' is given twice.");
    }

    private static JsonElement Value(string tool, string key, string text, IReadOnlyList<AIFunctionDeclaration> tools)
    {
        var schema = tools.FirstOrDefault(t => t.Name == tool)?.JsonSchema ?? default;
        var isText = schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object
            || !properties.TryGetProperty(key, out var property) || property.ValueKind != JsonValueKind.Object
            || (property.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "string");
        if (!isText)
        {
            try
            {
                return WrittenCall.Parse(text);
            }
            catch (JsonException)
            {
                // The schema's check tells the model what is wrong with it.
            }
        }

        return WrittenCall.Parse(JsonSerializer.Serialize(text, TemplatesJson.Default.String));
    }

    /// <summary>One newline belongs to each tag.</summary>
    private static string Trimmed(string value)
    {
        if (value.StartsWith('\n')) value = value[1..];
        return value.EndsWith('\n') ? value[..^1] : value;
    }

    private static (string Value, int After)? Between(string text, int at, string open, string close)
    {
        var start = text.IndexOf(open, at, StringComparison.Ordinal);
        if (start < 0) return null;
        start += open.Length;
        var end = text.IndexOf(close, start, StringComparison.Ordinal);
        return end < 0 ? null : (text[start..end], end + close.Length);
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class TemplatesJson : System.Text.Json.Serialization.JsonSerializerContext;
