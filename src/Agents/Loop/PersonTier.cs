using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Agents.Schema;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Loop;

/// <summary>The last tier: puts one question to a person, and makes the answer the result.</summary>
internal static class PersonTier
{
    public const string Tier = "person";
    private const int MaxQuestions = 3;
    private const string Accept = "accept";
    private const string Reject = "reject";

    /// <param name="used">Questions of a model, whose answers it has read already.</param>
    public static StepOutcome Decide(AgentLoop.Attempt attempt, IReadOnlySet<string> used)
    {
        var choice = Choice(attempt.Kind);
        string? trouble = null;
        var answers = attempt.Work.Answers.Where(answer => !used.Contains(answer.Question)).ToList();
        foreach (var answer in answers)
        {
            var (outcome, problem) = Read(attempt, choice, answer.Answer.Trim());
            if (outcome is not null) return outcome;
            trouble = problem;
        }
        if (answers.Count >= MaxQuestions)
            return new StepOutcome.Failed(FailureKind.Permanent, $"{MaxQuestions} answers were given and none could be used: {trouble}");
        return Question(attempt, choice, trouble);
    }

    private static StepOutcome.Ask Question(AgentLoop.Attempt attempt, EnumProperty? choice, string? trouble)
    {
        var prefix = trouble is null ? "" : $"The last answer could not be used: {trouble} ";
        if (attempt is { Question: { } asked, Best: null }) return asked with { Question = prefix + asked.Question };
        var step = attempt.Work.Step;
        var guess = attempt.Best is { } best
            ? $" The best guess has a confidence of {AgentLoop.Percent(best.Confidence)}: {best.Why.Reason}" : "";
        if (choice is not null && attempt.Best is not null)
            return new StepOutcome.Ask($"{prefix}Which {choice.Name} is right for step '{step.Id}' ({step.Instruction})?{guess}", choice.Values);
        var how = attempt.Best is not null
            ? $"Answer '{Accept}' to take it, '{Reject}' to fail the step, or give the {step.Produces} as JSON."
            : $"Give the {step.Produces} as JSON, or '{Reject}' to fail the step.";
        return new StepOutcome.Ask($"{prefix}Step '{step.Id}' ({step.Instruction}) found no sure result.{guess} {how}", []);
    }

    private static (StepOutcome? Outcome, string? Problem) Read(AgentLoop.Attempt attempt, EnumProperty? choice, string answer)
    {
        if (answer.Equals(Reject, StringComparison.OrdinalIgnoreCase))
            return (new StepOutcome.Failed(FailureKind.Permanent, "A person rejected every result of this step."), null);
        if (answer.Equals(Accept, StringComparison.OrdinalIgnoreCase) && attempt.Best is { } best)
            return (Done(attempt, best.Value, "A person accepted the best guess."), null);
        if (choice is not null && attempt.Best is { } draft
            && choice.Values.FirstOrDefault(value => value.Equals(answer, StringComparison.OrdinalIgnoreCase)) is { } chosen)
        {
            var value = draft.Value.Node().AsObject();
            value[choice.Name] = chosen;
            if (value["confidence"] is JsonValue) value["confidence"] = 1;
            return (Done(attempt, value.Element(), $"A person chose '{chosen}'."), null);
        }
        try
        {
            var value = MeshJson.Parse(answer);
            var errors = attempt.Kind is null ? [] : SchemaValidator.For(attempt.Kind).Validate(value);
            return errors.Count == 0 ? (Done(attempt, value, "A person gave the value."), null) : (null, string.Join(" ", errors));
        }
        catch (JsonException)
        {
            return (null, $"'{Shortened(answer)}' is neither one of the choices nor JSON.");
        }
    }

    private static StepOutcome.Completed Done(AgentLoop.Attempt attempt, JsonElement value, string reason) =>
        new(value, 1, Tier, new Rationale(reason, attempt.Notes, attempt.Best?.Why.Evidence ?? []), attempt.Best?.Source);

    private static string Shortened(string text) => text.Length <= 80 ? text : $"{text.AsSpan(0, 80)}…";

    /// <summary>The kind's first required property with fixed values: what a person can decide with one word.</summary>
    private static EnumProperty? Choice(ArtifactKind? kind)
    {
        if (kind?.Schema.Property("properties") is not { ValueKind: JsonValueKind.Object } properties) return null;
        foreach (var name in kind.Schema.Texts("required"))
            if (properties.Property(name) is { } property && property.Texts("enum") is { Count: > 1 } values) return new EnumProperty(name, values);
        return null;
    }

    private sealed record EnumProperty(string Name, IReadOnlyList<string> Values);
}
