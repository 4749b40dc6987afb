using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AgentMesh.Contracts;

namespace AgentMesh.Cluster.WireContract;

/// <summary>Describes the contracts that travel as JSON: every type that can be reached, by its properties as they are written.</summary>
internal sealed class JsonShapes(ISet<string> lines)
{
    private static readonly JsonSerializerOptions Options = new(MeshJson.Default.Options) { TypeInfoResolver = MeshJson.Default };
    private readonly HashSet<Type> seen = [];

    public void Reach(Type type)
    {
        foreach (var part in type.IsGenericType ? type.GetGenericArguments() : []) Reach(part);
        if (type.IsArray) Reach(type.GetElementType()!);
        if (type.Assembly != typeof(IMesh).Assembly || typeof(Exception).IsAssignableFrom(type) || type.IsGenericTypeDefinition || !seen.Add(type)) return;

        var name = WireNames.Of(type);
        if (type.IsEnum)
        {
            lines.Add($"json {name} = enum");
            foreach (var value in Enum.GetNames(type)) lines.Add($"json {name}/{value} = value");
            return;
        }

        if (((IJsonTypeInfoResolver)MeshJson.Default).GetTypeInfo(type, Options) is not { } info) return;
        if (type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IId<>)))
        {
            lines.Add($"json {name} = string");
            return;
        }

        if (info.Kind != JsonTypeInfoKind.Object)
        {
            lines.Add($"json {name} = by {type.GetCustomAttribute<JsonConverterAttribute>()?.ConverterType?.Name ?? info.Converter.GetType().Name}");
            // A converter of our own writes the members that the type is made of.
            foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)) Property(name, JsonNamingPolicy.CamelCase.ConvertName(property.Name), property.PropertyType, required: false);
            return;
        }

        lines.Add($"json {name} = {(info.PolymorphismOptions is { } union ? $"one of, by {union.TypeDiscriminatorPropertyName}" : "object")}");
        foreach (var derived in info.PolymorphismOptions?.DerivedTypes ?? [])
        {
            lines.Add($"json {name}/{derived.TypeDiscriminator} = {WireNames.Of(derived.DerivedType)}");
            Reach(derived.DerivedType);
        }

        foreach (var property in info.Properties) Property(name, property.Name, property.PropertyType, property.IsRequired);
    }

    private void Property(string owner, string name, Type type, bool required)
    {
        lines.Add($"json {owner}/{name} = {WireNames.Of(type)}{(required ? WireChange.Required : "")}");
        Reach(type);
    }
}
