using System.Text;
using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Agents;

/// <summary>Reads a plan out of a model's answer: JSON with prose or a code fence around it, ids in any spelling, one name where a list is asked for.</summary>
internal static class PlanAnswer
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 32 };

    /// <returns>The plan, or null with one sentence for the model.</returns>
    public static Plan? Read(string answer, PlanRequest request, string proposer, out string reason)
    {
        reason = "The answer holds no JSON object; answer with the plan as one JSON object and nothing else.";
        using var document = Find(answer);
        if (document is null) return null;
        var root = document.RootElement;
        if (Member(root, "plan") is { ValueKind: JsonValueKind.Object } nested) root = nested;
        if (Member(root, "steps") is not { ValueKind: JsonValueKind.Array } steps)
        {
            reason = "The plan has no list \"steps\".";
            return null;
        }

        List<PlanStep> read = [];
        foreach (var step in steps.EnumerateArray())
        {
            if (step.ValueKind != JsonValueKind.Object)
            {
                reason = $"Step {read.Count + 1} is no JSON object.";
                return null;
            }

            read.Add(Step(step, read.Count + 1, request));
        }

        reason = Text(root, "reason") ?? "The model gave no reason.";
        return new Plan
        {
            Version = request.Version,
            Steps = read,
            Deliver = [.. Names(root, "deliver").Select(n => new ArtifactId(Id(n, request)))],
            Proposer = proposer,
            Why = Rationale.Because(reason, [.. request.Spec.Inputs.Concat(request.Done).Select(a => a.Id.Value)]),
        };
    }

    private static PlanStep Step(JsonElement json, int number, PlanRequest request)
    {
        var role = Text(json, "role") ?? Text(json, "agent") ?? "";
        var capabilities = request.Catalogue.Roles.TryGetValue(role, out var known) ? known.Capabilities : [];
        var produces = Text(json, "produces") ?? (capabilities is [var only] ? only.Produces : "");
        var capability = capabilities.FirstOrDefault(c => c.Produces == produces);
        return new PlanStep
        {
            Id = new StepId(Id(Text(json, "id") ?? Text(json, "name") ?? (produces.Length > 0 ? produces : $"step-{number}"), request)),
            Role = role,
            Instruction = Text(json, "instruction") ?? Text(json, "description") ?? capability?.Instruction ?? request.Spec.Text,
            Inputs = [.. Names(json, "inputs").Select(n => new ArtifactId(Id(n, request))).Distinct()],
            Produces = produces,
            When = Text(json, "when") is { } when && !string.IsNullOrWhiteSpace(when) && when is not ("null" or "true" or "always") ? when : null,
            Tools = Member(json, "tools") is { ValueKind: JsonValueKind.Array or JsonValueKind.String } ? [.. Names(json, "tools")] : null,
        };
    }

    // What names something known stays as it is; anything else gets the form of an id.
    private static string Id(string name, PlanRequest request)
    {
        if (request.Catalogue.Kinds.ContainsKey(name) || request.Spec.Inputs.Concat(request.Done).Any(a => a.Id.Value == name)) return name;
        var id = new StringBuilder(name.Length);
        foreach (var c in name.Trim().Select(char.ToLowerInvariant))
        {
            if (char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)) id.Append(c);
            else if (id.Length > 0 && id[^1] != '-') id.Append('-');
        }

        var formed = id.ToString().TrimEnd('-');
        if (formed.Length == 0) return "step";
        return char.IsAsciiDigit(formed[0]) ? $"step-{formed}" : formed;
    }

    // The first stretch from a brace on that is a JSON object; models put prose before and after it.
    private static JsonDocument? Find(string answer)
    {
        var tries = 0;
        for (var from = answer.IndexOf('{', StringComparison.Ordinal); from >= 0 && tries < 16; from = answer.IndexOf('{', from + 1), tries++)
        {
            var to = Close(answer, from);
            if (to < 0) continue;
            try
            {
                return JsonDocument.Parse(answer.AsMemory(from, to - from + 1), Lenient);
            }
            catch (JsonException)
            {
                // Not this brace; the next one may open the plan.
            }
        }

        return null;
    }

    private static int Close(string text, int from)
    {
        var depth = 0;
        var quoted = false;
        for (var at = from; at < text.Length; at++)
        {
            var c = text[at];
            if (quoted)
            {
                if (c == '\\') at++;
                else if (c == '"') quoted = false;
            }
            else if (c == '"')
            {
                quoted = true;
            }
            else if (c == '{')
            {
                depth++;
            }
            else if (c == '}' && --depth == 0)
            {
                return at;
            }
        }

        return -1;
    }

    private static JsonElement? Member(JsonElement json, string name)
    {
        if (json.ValueKind != JsonValueKind.Object) return null;
        foreach (var property in json.EnumerateObject())
            if (property.NameEquals(name)) return property.Value;
        return null;
    }

    private static string? Text(JsonElement json, string name) => Member(json, name) is { ValueKind: JsonValueKind.String } text ? Read(text) : null;

    private static IEnumerable<string> Names(JsonElement json, string name) => Member(json, name) switch
    {
        { ValueKind: JsonValueKind.String } one => Read(one) is { Length: > 0 } text ? [text] : [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(Read).OfType<string>().Where(t => t.Length > 0)],
        _ => [],
    };

    private static string? Read(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text.
            return null;
        }
    }
}
