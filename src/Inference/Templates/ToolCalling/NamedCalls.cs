using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Templates.ToolCalling;

/// <summary>
/// Calls whose tool is named before the JSON of their arguments: <c>&lt;function=name&gt;{…}&lt;/function&gt;</c>, newer Mistral (<c>[TOOL_CALLS]name[ARGS]{…}</c>), DeepSeek, Kimi, gpt-oss.
/// </summary>
/// <param name="Separator">Stands behind the name.</param>
/// <param name="Before">Stands between the separator and the arguments.</param>
/// <param name="After">Stands between the arguments and the closer.</param>
/// <param name="Clean">What remains of a name; null: all.</param>
/// <param name="Written">How a grammar writes a name; null: as it is.</param>
internal sealed record NamedCalls(
    string Name, IReadOnlyList<string> Openers, string Separator, string Closer, string Before = "", string After = "", Func<string, string>? Clean = null, string Written = "{0}")
    : CallSyntax(Name, Openers)
{
    private const int LongestName = 256;

    public override bool MayEnd(ReadOnlySpan<char> piece) => piece.IndexOfAny("}]>") >= 0;

    public override CallReading Read(string text, int at, string opener, bool final, IReadOnlyList<AIFunctionDeclaration> tools)
    {
        var from = at + opener.Length;
        var separator = text.IndexOf(Separator, from, StringComparison.Ordinal);
        if (separator < 0 && !final) return CallReading.More;
        var name = separator < 0 ? "" : text[from..separator];
        name = (Clean?.Invoke(name) ?? name).Trim();
        if (name.Length is 0 or > LongestName || name.AsSpan().IndexOfAny("\n\"{") >= 0) return CallReading.BrokenTo(text, from, Closer, final, "This is no tool call: it names no tool.");
        var start = separator + Separator.Length;
        if (Before.Length > 0 && (start = JsonSpan.After(text, start, Before, final)) < 0) return CallReading.More;
        start = JsonSpan.SkipSpace(text, start);
        try
        {
            var end = JsonSpan.End(text, start);
            if (end < 0) return final ? new CallReading(text.Length, null, "the answer ends inside of a tool call.") : CallReading.More;
            var calls = new WrittenCall(name, WrittenCall.Object(WrittenCall.Parse(text.AsSpan(start, end - start))), null);
            foreach (var word in (string[])[After, Closer])
                if (word.Length > 0 && (end = JsonSpan.After(text, end, word, final)) < 0) return CallReading.More;
            return new CallReading(end, [calls]);
        }
        catch (JsonException e)
        {
            return CallReading.BrokenTo(text, start, Closer, final, $"This is no call of '{name}': {e.Message}");
        }
    }

    public override ToolCallGrammar Grammar(IReadOnlyList<AIFunctionDeclaration> tools) => new([Openers[0]], false,
        [.. tools.Select(t => new ToolCallShape(t.Name, Openers[0] + string.Format(System.Globalization.CultureInfo.InvariantCulture, Written, t.Name) + Separator + Before, t.JsonSchema, After + Closer))]);
}
