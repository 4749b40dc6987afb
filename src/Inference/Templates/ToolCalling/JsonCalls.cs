using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Templates.ToolCalling;

/// <summary>
/// Calls as JSON that names its tool: Hermes and Qwen (<c>&lt;tool_call&gt;{…}&lt;/tool_call&gt;</c>), Llama 3 (<c>{"name": …, "parameters": …}</c>), Mistral (<c>[TOOL_CALLS][…]</c>),
/// Granite and Phi-4 (<c>&lt;|tool_call|&gt;[…]</c>), Command-R7B, firefunction.
/// </summary>
/// <param name="Closer">Empty: there is none. A model may leave it out.</param>
/// <param name="Array">Calls stand in an array; one alone may stand without.</param>
/// <param name="Between">What the opener and the JSON have between them when a grammar writes it.</param>
internal sealed record JsonCalls(
    string Name, IReadOnlyList<string> Openers, string Closer = "", bool Array = false, string NameKey = "name", string ArgumentsKey = "arguments", string? IdKey = null, string Between = "", bool StartOnly = false)
    : CallSyntax(Name, Openers, StartOnly)
{
    private const string Bare = "{";

    public override bool MayEnd(ReadOnlySpan<char> piece) => piece.IndexOfAny("}]>:") >= 0 || StartOnly;

    public override CallReading Read(string text, int at, string opener, bool final, IReadOnlyList<AIFunctionDeclaration> tools)
    {
        var bare = opener == Bare;
        if (bare && Plain(text, at, final) is { } plain) return plain;
        var start = JsonSpan.SkipSpace(text, bare ? at : at + opener.Length);
        try
        {
            var end = JsonSpan.End(text, start);
            if (end < 0) return final ? new CallReading(text.Length, null, bare ? null : "the answer ends inside of a tool call.") : CallReading.More;
            var json = WrittenCall.Parse(text.AsSpan(start, end - start));
            var calls = (json.ValueKind == JsonValueKind.Array ? json.EnumerateArray().ToList() : [json]).ConvertAll(One);
            if (Closer.Length == 0) return new CallReading(end, calls);
            var closed = JsonSpan.After(text, end, Closer, final);
            return closed < 0 ? CallReading.More : new CallReading(closed, calls);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A bare object that is no call is an answer in JSON.
            return bare ? new CallReading(start + 1) : CallReading.BrokenTo(text, start, Closer, final, $"This is no tool call: {e.Message}");
        }
    }

    public override ToolCallGrammar Grammar(IReadOnlyList<AIFunctionDeclaration> tools)
    {
        var opener = Openers[0] == Bare ? "" : Openers[0];
        return new ToolCallGrammar([Openers[0] == Bare ? "{\"" + NameKey + '"' : opener], StartOnly,
            [.. tools.Select(t => new ToolCallShape(t.Name, opener + Between + (Array ? "[" : ""), ToolCallSchema.Of(t, NameKey, ArgumentsKey), (Array ? "]" : "") + Between + Closer))]);
    }

    /// <summary>A bare object is taken for a call only where its first name is that of one.</summary>
    private CallReading? Plain(string text, int at, bool final)
    {
        var rest = text.AsSpan(JsonSpan.SkipSpace(text, at + 1));
        string[] names = [$"\"{NameKey}\"", "\"type\""];
        foreach (var name in names)
        {
            if (rest.StartsWith(name, StringComparison.Ordinal)) return null;
            if (name.AsSpan().StartsWith(rest, StringComparison.Ordinal) && !final) return CallReading.More;
        }

        return new CallReading(at + 1);
    }

    private WrittenCall One(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new JsonException("a call is a JSON object.");
        if (json.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object) json = function;
        if (!json.TryGetProperty(NameKey, out var name) || name.ValueKind != JsonValueKind.String || name.GetString() is not { Length: > 0 } called) throw new JsonException($"'{NameKey}' is missing.");
        var arguments = json.TryGetProperty(ArgumentsKey, out var given) || json.TryGetProperty("arguments", out given) || json.TryGetProperty("parameters", out given) ? given : default;
        // Some models write the arguments as a string that holds JSON.
        if (arguments.ValueKind == JsonValueKind.String) arguments = WrittenCall.Parse(arguments.GetString());
        var id = IdKey is not null && json.TryGetProperty(IdKey, out var written) && written.ValueKind == JsonValueKind.String ? written.GetString() : null;
        return new WrittenCall(called, arguments.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? new Dictionary<string, object?>(StringComparer.Ordinal) : WrittenCall.Object(arguments), id);
    }
}
