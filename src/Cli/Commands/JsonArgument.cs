using System.Buffers;
using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Cli.Commands;

/// <summary>JSON that a person gives: on the command line, in a file named with <c>@</c>, or field by field.</summary>
internal static class JsonArgument
{
    public static JsonElement Parse(string text, string option)
    {
        if (text.StartsWith('@') && !File.Exists(text[1..])) throw new CliException($"There is no file {text[1..]} ({option}).");
        var json = text.StartsWith('@') ? File.ReadAllText(text[1..]) : text;
        try
        {
            return MeshJson.Parse(json);
        }
        catch (JsonException e)
        {
            throw new CliException($"{option} is no JSON: {e.Message}", ExitCodes.Usage, e);
        }
    }

    public static JsonElement String(string text) => Write(writer => writer.WriteStringValue(text));

    public static JsonElement Object(IEnumerable<KeyValuePair<string, JsonElement>> fields) => Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var (name, value) in fields)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    private static JsonElement Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) write(writer);
        return MeshJson.Parse(buffer.WrittenMemory);
    }
}
