using AgentMesh.Catalog.Yaml;
using AgentMesh.Contracts;

namespace AgentMesh.Catalog;

/// <summary>A mapping of artifact kinds: name → description, words, schema.</summary>
internal static class KindReader
{
    public static IReadOnlyList<ArtifactKind> Read(YamlNode node, DiagnosticBag bag)
    {
        if (node is not YamlMap map)
        {
            bag.Error(node, $"Kinds are a mapping from name to description and schema, not {node.Describe()}.");
            return [];
        }

        List<ArtifactKind> kinds = [];
        foreach (var (key, value) in map.Entries)
        {
            if (!MapReader.IsName(key.Text))
                bag.Error(key, $"'{key.Text}' is no name for a kind: use a lower-case letter, then lower-case letters, digits and '-', 64 at most.");
            if (value is not YamlMap members)
            {
                bag.Error(value, $"Kind '{key.Text}' is a mapping with description and schema, not {value.Describe()}.");
                continue;
            }

            var reader = new MapReader(members, "a kind", bag);
            var description = reader.Words("description", required: true);
            var words = reader.Texts("words");
            var schema = reader.Node("schema", required: true);
            if (schema is not null and not YamlMap) bag.Error(schema, $"'schema' is a JSON Schema object, not {schema.Describe()}.");
            reader.End();
            if (description is not null && schema is YamlMap)
                kinds.Add(new ArtifactKind(key.Text, description, YamlJson.Convert(schema)) { Words = [.. words?.Select(w => w.Text) ?? []] });
        }

        return kinds;
    }
}
