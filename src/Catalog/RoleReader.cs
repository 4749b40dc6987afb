using AgentMesh.Catalog.Yaml;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Catalog;

/// <summary>A role as its file has it.</summary>
/// <param name="Kinds">Kinds that the file brings along.</param>
internal sealed record RoleFile(RoleDescriptor Role, IReadOnlyList<ArtifactKind> Kinds, YamlMap Map, DiagnosticBag Bag);

internal static class RoleReader
{
    public static RoleFile? Read(string text, DiagnosticBag bag)
    {
        if (YamlReader.Read(text, bag) is not { } node) return null;
        if (node is not YamlMap map)
        {
            bag.Error(node, $"A role is a mapping with name, purpose and capabilities, not {node.Describe()}.");
            return null;
        }

        var reader = new MapReader(map, "a role", bag);
        var role = new RoleDescriptor
        {
            Name = reader.Name("name", required: true) ?? "",
            Purpose = reader.Words("purpose", required: true) ?? "",
            Model = reader.Choice("model", "none", "small", "large") switch { "none" => ModelNeed.None, "large" => ModelNeed.Large, _ => ModelNeed.Small },
            MinConfidence = reader.Number("minConfidence", 0, 1) ?? 0.5,
            MaxIterations = reader.Integer("maxIterations", 1, 100) ?? 8,
            Timeout = reader.Duration("timeout") ?? TimeSpan.FromMinutes(2),
            Tools = [.. reader.Texts("tools")?.Select(t => t.Text) ?? []],
            Prompt = reader.Text("prompt") ?? "",
        };
        var capabilities = reader.List("capabilities", required: true).Select(c => Capability(c, role, bag)).OfType<Capability>().ToList();
        foreach (var twice in capabilities.GroupBy(c => c.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            bag.Error(map["capabilities"]!, $"Two capabilities are called '{twice.Key}'; give one of them another name.");
        var kinds = reader.Node("kinds") is { } own ? KindReader.Read(own, bag) : [];
        reader.End();
        return new RoleFile(role with { Capabilities = capabilities }, kinds, map, bag);
    }

    private static Capability? Capability(YamlNode node, RoleDescriptor role, DiagnosticBag bag)
    {
        if (node is not YamlMap map)
        {
            bag.Error(node, $"A capability is a mapping with produces and instruction, not {node.Describe()}.");
            return null;
        }

        var reader = new MapReader(map, "a capability", bag);
        var produces = reader.Text("produces", required: true);
        var capability = new Capability(
            reader.Name("name") ?? produces ?? "",
            Texts("consumes"),
            Texts("uses"),
            produces ?? "",
            reader.Words("instruction", required: true) ?? "",
            reader.Texts("tools") is { } tools ? [.. tools.Select(t => t.Text)] : role.Tools);
        reader.End();
        return produces is null ? null : capability;

        IReadOnlyList<string> Texts(string key) => [.. reader.Texts(key)?.Select(t => t.Text) ?? []];
    }

    /// <summary>Checks names against the mesh and puts tools in the place of patterns such as <c>files.*</c>.</summary>
    /// <param name="lenient">For the built-in roles: what this mesh lacks is left out.</param>
    public static RoleDescriptor Resolve(RoleFile file, IReadOnlyDictionary<string, ToolDescriptor> tools, IReadOnlyCollection<string> kinds, bool lenient)
    {
        var (role, map, bag) = (file.Role, file.Map, file.Bag);
        var own = ToolNames.Resolve(role.Tools, tools, lenient ? null : new(bag, map["tools"] as YamlList, "Role", role.Name));
        var written = map["capabilities"] is YamlList list ? list.Items.OfType<YamlMap>().ToList() : [];
        List<Capability> capabilities = [];
        foreach (var (capability, place) in role.Capabilities.Zip(written))
        {
            Kinds(place["consumes"], capability.Consumes);
            Kinds(place["uses"], capability.Uses);
            Kinds(place["produces"], [capability.Produces]);
            var given = ToolNames.Resolve(capability.Tools, tools, lenient ? null : new(bag, place["tools"] as YamlList, "Capability", capability.Name), keepUnknown: true);
            foreach (var beyond in given.Where(t => tools.ContainsKey(t) && !own.Contains(t, StringComparer.Ordinal)))
                bag.Error(place["tools"] ?? place, $"Capability '{capability.Name}' has tool '{beyond}', which the role's own list lacks; add it there.");
            capabilities.Add(capability with { Tools = given });
        }

        return role with { Tools = own, Capabilities = capabilities };

        void Kinds(YamlNode? place, IReadOnlyList<string> names)
        {
            foreach (var name in names.Where(n => !kinds.Contains(n)))
            {
                var at = place is YamlList items ? items.Items.OfType<YamlScalar>().FirstOrDefault(i => i.Text == name) ?? place : place;
                bag.Error(at ?? map, $"'{name}' is no known artifact kind{Spelling.Hint(name, kinds)}");
            }
        }
    }
}
