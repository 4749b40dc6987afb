using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Templates.ToolCalling;

/// <summary>How a family of models writes its tool calls.</summary>
/// <param name="Name">A word for logs.</param>
/// <param name="Openers">A call begins with one of them; none is the start of another.</param>
/// <param name="StartOnly">The openers count only where the answer, or what follows a call, begins.</param>
internal abstract record CallSyntax(string Name, IReadOnlyList<string> Openers, bool StartOnly = false)
{
    /// <summary>A call can only be whole after one of these characters: until then nobody looks.</summary>
    public abstract bool MayEnd(ReadOnlySpan<char> piece);

    /// <summary>Reads what begins at an opener. What it finds in a text it finds in every longer text too.</summary>
    /// <param name="at">Where the opener stands.</param>
    /// <param name="final">No more text comes.</param>
    public abstract CallReading Read(string text, int at, string opener, bool final, IReadOnlyList<AIFunctionDeclaration> tools);

    /// <returns>Null where calls are no JSON.</returns>
    public abstract ToolCallGrammar? Grammar(IReadOnlyList<AIFunctionDeclaration> tools);
}

/// <param name="End">Where the reading ends; negative: it needs more text.</param>
/// <param name="Calls">Null: what was read is text.</param>
/// <param name="Broken">Why it is text and not a call; null: it is no call at all.</param>
internal readonly record struct CallReading(int End, IReadOnlyList<WrittenCall>? Calls = null, string? Broken = null)
{
    public static CallReading More { get; } = new(-1);

    /// <summary>Text as far as the call's closing tag, or to the end where there is none.</summary>
    public static CallReading BrokenTo(string text, int from, string? closer, bool final, string reason)
    {
        var end = closer is { Length: > 0 } ? text.IndexOf(closer, from, StringComparison.Ordinal) : -1;
        return end >= 0 ? new CallReading(end + closer!.Length, null, reason) : final ? new CallReading(text.Length, null, reason) : More;
    }
}

/// <param name="Id">Null: the model gives none.</param>
internal sealed record WrittenCall(string Name, IDictionary<string, object?> Arguments, string? Id)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <exception cref="JsonException">It is no JSON without repeated names.</exception>
    public static JsonElement Parse(ReadOnlySpan<char> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json.ToString(), Strict);
            return document.RootElement.Clone();
        }
        catch (ArgumentException e)
        {
            throw new JsonException("it holds half a character.", e);
        }
    }

    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static IDictionary<string, object?> Object(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new JsonException($"the arguments are a JSON {json.ValueKind.ToString().ToLowerInvariant()}, not an object.");
        try
        {
            return json.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value, StringComparer.Ordinal);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a name is no valid text.", e);
        }
    }
}
