using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Catalog.Yaml;

/// <summary>A YAML node as the JSON that it stands for.</summary>
internal static class YamlJson
{
    public static JsonElement Convert(YamlNode node)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) Write(json, node);
        return MeshJson.Parse(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, YamlNode node)
    {
        switch (node)
        {
            case YamlScalar { IsNull: true }:
                json.WriteNullValue();
                break;
            case YamlScalar { IsTruth: true } truth:
                json.WriteBooleanValue(truth.Text == "true");
                break;
            case YamlScalar { IsNumber: true } number:
                // JSON knows neither a plus sign nor leading zeros.
                json.WriteRawValue(Plain(number.Text));
                break;
            case YamlScalar text:
                json.WriteStringValue(text.Text);
                break;
            case YamlList list:
                json.WriteStartArray();
                foreach (var item in list.Items) Write(json, item);
                json.WriteEndArray();
                break;
            case YamlMap map:
                json.WriteStartObject();
                foreach (var (key, value) in map.Entries)
                {
                    json.WritePropertyName(key.Text);
                    Write(json, value);
                }

                json.WriteEndObject();
                break;
        }
    }

    private static string Plain(string number)
    {
        var negative = number[0] == '-';
        var digits = number.TrimStart('-', '+').TrimStart('0');
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0])) digits = $"0{digits}";
        return negative ? $"-{digits}" : digits;
    }
}
