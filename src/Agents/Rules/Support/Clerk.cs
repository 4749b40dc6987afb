using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>Does one thing outside: fills the arguments that the tool's schema has from the step's inputs, and calls it once.</summary>
public sealed class Clerk : IRuleBehaviour
{
    private static readonly Dictionary<string, string> ToolOf = new(StringComparer.Ordinal)
    {
        ["ticket"] = "ticket.create",
        ["issue"] = "jira.create_issue",
        ["notification"] = "notify.send",
    };

    public string Role => "clerk";
    public IReadOnlyList<string> Produces { get; } = ["ticket", "issue", "notification"];

    public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
    {
        var name = ToolOf[work.Step.Produces];
        if (work.Tools.FirstOrDefault(known => known.Name == name) is not { } tool)
            return new StepOutcome.Failed(FailureKind.Permanent, $"Step '{work.Step.Id}' needs the tool {name}, which its scope does not give it.");
        var facts = name == "notify.send" ? ClerkText.Notification(work) : ClerkText.Case(work);
        if (Arguments(tool, facts, out var missing) is not { } arguments)
            return new StepOutcome.Failed(FailureKind.Permanent, $"{name} asks for '{missing}', which none of the inputs holds.");
        var answer = await calls.Call(name, arguments, ct);
        var value = answer.Require();
        var link = value.Text("url");
        return new StepOutcome.Completed(value, 0.95, RuleTier.Name,
            new Rationale($"{name} was called with what the inputs say: {string.Join(", ", arguments.EnumerateObject().Select(argument => argument.Name))}.", [],
                [.. work.Inputs.Select(input => input.Id.Value), answer.Call.Value]), link);
    }

    /// <summary>Each property that the schema names and the facts know; cut to its longest length, and left out where it is none of the allowed values.</summary>
    private static JsonElement? Arguments(ToolDescriptor tool, IReadOnlyDictionary<string, JsonNode> facts, out string missing)
    {
        missing = "";
        var arguments = new JsonObject();
        var required = tool.Parameters.Texts("required");
        foreach (var property in tool.Parameters.Property("properties")?.EnumerateObject().ToList() ?? [])
        {
            if (Value(property.Value, facts.GetValueOrDefault(property.Name)) is { } value) arguments[property.Name] = value;
            else if (required.Contains(property.Name))
            {
                missing = property.Name;
                return null;
            }
        }
        return arguments.Element();
    }

    private static JsonNode? Value(JsonElement schema, JsonNode? fact)
    {
        if (fact is not JsonValue) return fact?.DeepClone();
        var text = fact.GetValue<string>();
        var allowed = schema.Texts("enum");
        if (allowed.Count > 0 && !allowed.Contains(text, StringComparer.Ordinal)) return null;
        if (text.Length == 0) return null;
        return schema.Whole("maxLength") is { } most && text.Length > most ? string.Concat(text.AsSpan(0, most - 1).TrimEnd(), "…") : text;
    }
}
