using AgentMesh.Catalog.Yaml;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Catalog;

/// <summary>Tool lists of roles and steps, where <c>files.*</c> stands for every tool of that family.</summary>
internal static class ToolNames
{
    /// <summary>Where complaints go.</summary>
    /// <param name="List">The list in the file, for the place of each item.</param>
    internal sealed record Complaints(DiagnosticBag Bag, YamlList? List, string What, string Name);

    /// <param name="keepUnknown">Whether a name that no tool has stays in the list, so that what needs it is seen to be impossible.</param>
    public static IReadOnlyList<string> Resolve(
        IReadOnlyList<string> names, IReadOnlyDictionary<string, ToolDescriptor> tools, Complaints? complaints, bool keepUnknown = false)
    {
        List<string> resolved = [];
        foreach (var name in names)
        {
            var found = Matches(name, tools);
            if (found.Count > 0) resolved.AddRange(found);
            else if (keepUnknown) resolved.Add(name);
            if (found.Count == 0 && complaints is { List: { } list } to)
            {
                var at = list.Items.OfType<YamlScalar>().FirstOrDefault(i => i.Text == name) ?? (YamlNode)list;
                to.Bag.Error(at, IsPattern(name)
                    ? $"{to.What} '{to.Name}' has tools '{name}', but no tool's name starts with '{name[..^1]}'."
                    : $"{to.What} '{to.Name}' has tool '{name}', which does not exist{Spelling.Hint(name, tools.Keys)}");
            }
        }

        return [.. resolved.Distinct(StringComparer.Ordinal)];
    }

    public static bool IsPattern(string name) => name.EndsWith(".*", StringComparison.Ordinal);

    private static IReadOnlyList<string> Matches(string name, IReadOnlyDictionary<string, ToolDescriptor> tools) => IsPattern(name)
        ? [.. tools.Keys.Where(t => t.StartsWith(name[..^1], StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
        : tools.ContainsKey(name) ? [name] : [];
}
