using System.Reflection;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains;
using Orleans.Concurrency;

namespace AgentMesh.Cluster.WireContract;

/// <summary>
/// What crosses the wire, one line a promise: <c>name = shape</c>. Names are aliases, member ids and JSON property names, never what only the
/// source calls a thing. Sorted, so that a diff reads well.
/// </summary>
internal static class WireDescription
{
    /// <summary>What clients meet, and what only silos say to each other: these live side by side during a rolling upgrade.</summary>
    public static readonly IReadOnlyList<Assembly> Assemblies = [typeof(Wire).Assembly, typeof(ClusterHosting).Assembly];

    // The attribute's flag: the property of that name is obsolete with the formatters, Orleans goes by it still.
    private const FieldAttributes NotSerialized = (FieldAttributes)0x80;

    public static IReadOnlyList<string> Lines(IEnumerable<Type> types)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        var contracts = new JsonShapes(lines);
        foreach (var type in types)
        {
            if (IsGrain(type)) Interface(type);
            else if (type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)) Serialized(type);
        }

        return [.. lines];

        void Interface(Type type)
        {
            var name = WireNames.Of(type);
            lines.Add($"interface {name} = {string.Join(", ", type.GetInterfaces().Where(i => i != typeof(IAddressable)).Select(WireNames.Of).Order(StringComparer.Ordinal))}");
            foreach (var method in type.GetMethods())
            {
                var parameters = string.Join(", ", method.GetParameters().Select(p => Named(p.ParameterType)));
                var way = method.IsDefined(typeof(OneWayAttribute)) ? "one way " : "";
                lines.Add($"method {name}/{WireNames.Alias(method) ?? method.Name} = {way}({parameters}) {Named(method.ReturnType)}");
            }
        }

        void Serialized(Type type)
        {
            var name = WireNames.Of(type);
            lines.Add($"type {name} = {(type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) ? WireNames.Of(b) : "object")}");
            foreach (var (member, id, memberType) in Members(type))
                if (id is not null) lines.Add($"member {name}/{id} = {Named(memberType)}");
                else if (member is not null) lines.Add($"member {name}/{member} = no id");
        }

        string Named(Type type)
        {
            contracts.Reach(type);
            return WireNames.Of(type);
        }
    }

    /// <summary>What has no explicit name or id, and so would change on the wire with the source.</summary>
    public static IEnumerable<string> Unnamed(IEnumerable<Type> types)
    {
        foreach (var type in types)
        {
            var grain = IsGrain(type);
            if (!grain && !type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)) continue;
            if (WireNames.Alias(type) is null) yield return $"{type.Name} has no [Alias]";
            if (grain)
            {
                foreach (var method in type.GetMethods().Where(m => WireNames.Alias(m) is null)) yield return $"{type.Name}.{method.Name} has no [Alias]";
                continue;
            }

            foreach (var (member, id, _) in Members(type))
                if (id is null) yield return $"{type.Name}.{member} has no [Id]";
        }
    }

    private static bool IsGrain(Type type) => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type);

    private static bool IsLeftOut(FieldInfo field) => field.Attributes.HasFlag(NotSerialized);

    private static IEnumerable<(string Member, uint? Id, Type Type)> Members(Type type)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var backed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in type.GetProperties(Own))
        {
            var field = type.GetField($"<{property.Name}>k__BackingField", Own);
            if (field is null) continue;
            backed.Add(field.Name);
            if (!IsLeftOut(field)) yield return (property.Name, property.GetCustomAttribute<IdAttribute>()?.Id, property.PropertyType);
        }

        foreach (var field in type.GetFields(Own).Where(f => !backed.Contains(f.Name) && !IsLeftOut(f)))
            yield return (field.Name, field.GetCustomAttribute<IdAttribute>()?.Id, field.FieldType);
    }
}

/// <summary>How types are called on the wire.</summary>
internal static class WireNames
{
    public static string? Alias(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias;

    public static string Of(Type type)
    {
        if (type.IsArray) return $"{Of(type.GetElementType()!)}[]";
        if (type.IsGenericParameter) return type.Name;
        var name = Alias(type) ?? type.FullName ?? $"{type.Namespace}.{type.Name}";
        if (!type.IsGenericType) return name;
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return $"{(tick < 0 ? name : name[..tick])}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";
    }
}
