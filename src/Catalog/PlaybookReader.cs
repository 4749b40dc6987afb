using AgentMesh.Catalog.Yaml;
using AgentMesh.Contracts;

namespace AgentMesh.Catalog;

/// <summary>A playbook as its file has it.</summary>
internal sealed record PlaybookFile(Playbook Playbook, YamlMap Map, DiagnosticBag Bag)
{
    /// <summary>The place of a step's member, or of one item in it; as near as the file has it.</summary>
    public YamlNode Place(int? step, string member, int? item)
    {
        YamlNode at = Map;
        if (step is { } n && Map["steps"] is YamlList steps && n < steps.Items.Count) at = steps.Items[n];
        if (at is YamlMap map && map[member] is { } found) at = found;
        return item is { } i && at is YamlList list && i < list.Items.Count ? list.Items[i] : at;
    }
}

internal static class PlaybookReader
{
    public static PlaybookFile? Read(string text, DiagnosticBag bag)
    {
        if (YamlReader.Read(text, bag) is not { } node) return null;
        if (node is not YamlMap map)
        {
            bag.Error(node, $"A playbook is a mapping with name, description and steps, not {node.Describe()}.");
            return null;
        }

        var reader = new MapReader(map, "a playbook", bag);
        var playbook = new Playbook
        {
            Name = reader.Name("name", required: true) ?? "",
            Description = reader.Words("description", required: true) ?? "",
            Triggers = Texts(reader, "triggers"),
            Requires = Texts(reader, "requires"),
            Steps = [.. reader.List("steps", required: true).Select(s => Step(s, bag)).OfType<PlaybookStep>()],
            Deliver = [.. Texts(reader, "deliver").Select(d => new StepId(d))],
        };
        reader.End();
        return new PlaybookFile(playbook, map, bag);
    }

    private static PlaybookStep? Step(YamlNode node, DiagnosticBag bag)
    {
        if (node is not YamlMap map)
        {
            bag.Error(node, $"A step is a mapping with id, role and produces, not {node.Describe()}.");
            return null;
        }

        var reader = new MapReader(map, "a step", bag);
        var step = new PlaybookStep
        {
            Id = new StepId(reader.Name("id", required: true) ?? ""),
            Role = reader.Text("role", required: true) ?? "",
            Instruction = reader.Words("instruction"),
            Inputs = Texts(reader, "inputs"),
            Produces = reader.Text("produces", required: true) ?? "",
            When = reader.Words("when"),
            Tools = reader.Texts("tools") is { } tools ? [.. tools.Select(t => t.Text)] : null,
            Retry = Retry(reader.Nested("retry", "a retry policy")),
            Timeout = reader.Duration("timeout"),
            Optional = reader.Truth("optional") ?? false,
        };
        reader.End();
        return step;
    }

    private static RetryPolicy Retry(MapReader? reader)
    {
        if (reader is null) return RetryPolicy.Default;
        var usual = RetryPolicy.Default;
        var retry = new RetryPolicy(
            reader.Integer("attempts", 1, 20) ?? usual.MaxAttempts,
            reader.Duration("firstDelay", zero: true) ?? usual.FirstDelay,
            reader.Duration("maxDelay", zero: true) ?? usual.MaxDelay);
        reader.End();
        return retry;
    }

    private static IReadOnlyList<string> Texts(MapReader reader, string key) => [.. reader.Texts(key)?.Select(t => t.Text) ?? []];
}
