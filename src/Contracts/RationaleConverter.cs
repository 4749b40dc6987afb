using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>Writes a rationale without its empty lists, and as a bare string when it is a reason only: there is one in most events.</summary>
public sealed class RationaleConverter : JsonConverter<Rationale>
{
    public override Rationale Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return new Rationale(reader.GetString()!, [], []);
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("A rationale is a string or an object.");
        var (reason, alternatives, evidence) = ("", (IReadOnlyList<string>)[], (IReadOnlyList<string>)[]);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            if (name == "reason") reason = reader.GetString() ?? "";
            else if (name == "alternatives") alternatives = List(ref reader);
            else if (name == "evidence") evidence = List(ref reader);
            else reader.Skip();
        }

        return new Rationale(reason, alternatives, evidence);
    }

    public override void Write(Utf8JsonWriter writer, Rationale value, JsonSerializerOptions options)
    {
        if (value.Alternatives.Count == 0 && value.Evidence.Count == 0)
        {
            writer.WriteStringValue(value.Reason);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("reason"u8, value.Reason);
        Write(writer, "alternatives", value.Alternatives);
        Write(writer, "evidence", value.Evidence);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<string> items)
    {
        if (items.Count == 0) return;
        writer.WriteStartArray(name);
        foreach (var item in items) writer.WriteStringValue(item);
        writer.WriteEndArray();
    }

    private static List<string> List(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("Alternatives and evidence are lists of strings.");
        var items = new List<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.String) items.Add(reader.GetString()!);
        return reader.TokenType == JsonTokenType.EndArray ? items : throw new JsonException("Alternatives and evidence are lists of strings.");
    }
}
