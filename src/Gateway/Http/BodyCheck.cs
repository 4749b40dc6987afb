using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AgentMesh.Gateway.Http;

/// <summary>What the serializer takes and nobody can work with: nulls as elements of lists, and escapes within free JSON that are no characters.</summary>
internal static class BodyCheck
{
    /// <exception cref="ProblemException">400: there is such a thing; says where.</exception>
    public static void Require(object? value, JsonTypeInfo type, string path = "")
    {
        if (value is JsonElement free)
        {
            if (!IsReadable(free)) throw ProblemException.Bad("json-invalid", $"{Shown(path)} holds an escape that is no character. Send the character itself.");
        }
        else if (value is not null && type.Kind == JsonTypeInfoKind.Object)
        {
            foreach (var property in type.Properties)
                if (property.Get?.Invoke(value) is { } member) Require(member, Of(property.PropertyType, type), path.Length == 0 ? property.Name : $"{path}.{property.Name}");
        }
        else if (value is not null && type is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element })
        {
            var at = 0;
            foreach (var item in (IEnumerable)value)
            {
                if (item is null) throw ProblemException.Bad("json-invalid", $"{path}[{at}] is null. Leave it out.");
                Require(item, Of(element, type), $"{path}[{at++}]");
            }
        }
    }

    private static JsonTypeInfo Of(Type declared, JsonTypeInfo within) => within.Options.GetTypeInfo(Nullable.GetUnderlyingType(declared) ?? declared);

    private static string Shown(string path) => path.Length == 0 ? "The body" : path;

    /// <summary>Whether all its strings are text: a lone surrogate escape parses, and breaks whoever reads it.</summary>
    private static bool IsReadable(JsonElement value)
    {
        try
        {
            Visit(value);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static void Visit(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String) _ = value.GetString();
        if (value.ValueKind == JsonValueKind.Array) foreach (var item in value.EnumerateArray()) Visit(item);
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in value.EnumerateObject())
            {
                _ = property.Name;
                Visit(property.Value);
            }
        }
    }
}
