using System.Text;
using System.Text.Json;

namespace AgentMesh.Inference.Grammars;

/// <summary>Makes grammars of JSON Schemas (draft 2020-12, and what older drafts and OpenAPI call the same).</summary>
/// <remarks>
/// <para>Every text of the grammar is a JSON value that obeys the schema. Not every value that obeys is a text of the grammar; it is narrower in this:</para>
/// <list type="bullet">
/// <item>No white space between tokens: a model that may write it can write it without end, and every token of it is paid for.</item>
/// <item>Members come in the order of their declaration, and no name comes twice. Without <c>additionalProperties</c> an object has its declared members only,
/// as the structured outputs of chat services and llama.cpp have it, and is free where it declares none. Free members come last; their names need no escapes.</item>
/// <item>Whole numbers have up to 18 digits, others up to 15 and, without bounds, an exponent of two; no negative zero.</item>
/// <item>Strings hold no NUL and no escaped surrogates; those with a pattern or a format are spelled in one way (see <see cref="Pattern"/>, <see cref="Formats"/>).</item>
/// <item>Containers nest up to 64 deep, which is what the runtime's reader takes.</item>
/// </list>
/// <para>Enforced: type, enum, const, properties, required, additionalProperties, propertyNames (pattern and minLength), minProperties and maxProperties of free
/// objects, items, prefixItems, minItems, maxItems, minLength, maxLength, pattern, format, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf (whole
/// numbers, and powers of ten below one), anyOf, oneOf (of options that exclude each other), allOf, $ref within the schema, nullable.
/// Any other keyword that asserts something is refused with its place: nothing is silently passed over.</para>
/// </remarks>
public static class JsonSchemaGrammar
{
    private const int MaxText = 4 * 1024 * 1024;
    private const int MaxKept = 8 * 1024 * 1024;

    private static readonly Generations<string, Grammar> Kept = new(MaxKept, static (text, _) => (2 * text.Length) + 4096, StringComparer.Ordinal);

    /// <summary>The grammar of a schema; kept, so that asking again for an equal schema costs a look-up.</summary>
    /// <exception cref="GrammarException">The schema cannot be enforced; the message says what and where.</exception>
    public static Grammar Compile(JsonElement schema)
    {
        var text = Canonical(schema);
        return Kept.GetOrAdd(text, static text =>
        {
            using var document = JsonDocument.Parse(text, new() { MaxDepth = 512 });
            return new SchemaTranslator(document.RootElement).Translate();
        });
    }

    // The schema without white space; the order of members stays, for it is the order of writing.
    private static string Canonical(JsonElement schema)
    {
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False)) throw new GrammarException("", "a schema is an object, true or false");
        if (schema.GetRawText().Length > MaxText) throw new GrammarException("", $"it is longer than {MaxText:N0} characters");
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new() { MaxDepth = 512, SkipValidation = true })) schema.WriteTo(writer);
        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }
}
