using System.Text;
using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.AI;

namespace AgentMesh.Agents;

/// <summary>What the model planner is told. Artifacts are named by id and kind only: what outsiders wrote never reaches the planner.</summary>
internal static class PlanPrompt
{
    private const int MaxRoles = 12;
    private const int MaxTools = 20;

    public static readonly JsonElement Schema = MeshJson.Parse(
        """
        {
          "type": "object",
          "properties": {
            "reason": { "type": "string", "description": "Why this plan, in one or two sentences." },
            "steps": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "id": { "type": "string", "description": "Lower-case letters, digits and '-'." },
                  "role": { "type": "string" },
                  "instruction": { "type": "string" },
                  "inputs": { "type": "array", "items": { "type": "string" }, "description": "Ids of artifacts that are there, or of earlier steps." },
                  "produces": { "type": "string", "description": "An artifact kind that the role makes." },
                  "when": { "type": ["string", "null"], "description": "Only if the step depends on a value: category.confidence >= 0.8 and exists(entities.name)" },
                  "tools": { "type": ["array", "null"], "items": { "type": "string" }, "description": "Null for all of the role's tools." }
                },
                "required": ["id", "role", "instruction", "inputs", "produces", "when", "tools"],
                "additionalProperties": false
              }
            },
            "deliver": { "type": "array", "items": { "type": "string" }, "description": "Ids of the steps whose artifacts are the result." }
          },
          "required": ["reason", "steps", "deliver"],
          "additionalProperties": false
        }
        """);

    public static IReadOnlyList<ChatMessage> Messages(PlanRequest request, PlanContext context, IReadOnlyList<PlanExample> examples)
    {
        List<ChatMessage> messages = [new(ChatRole.System, System(request)), new(ChatRole.User, User(request, context, examples))];
        if (request.Rejected is { } rejected) messages.Add(new(ChatRole.Assistant, Write(rejected)));
        if (request.Errors.Count > 0)
            messages.Add(new(ChatRole.User, $"That plan is not valid:\n{Lines(request.Errors)}\nAnswer with the whole corrected plan as JSON, and nothing else."));
        return messages;
    }

    private static string System(PlanRequest request)
    {
        var mesh = request.Catalogue;
        var asked = string.Join('\n', [request.Spec.Text, .. request.Spec.Wants, .. request.Messages]);
        var text = new StringBuilder()
            .AppendLine("You plan the work of a team of agents. Answer with one JSON object: {\"reason\", \"steps\", \"deliver\"}, and nothing else.")
            .AppendLine("A step is one piece of work for one role. Its inputs are ids of artifacts that are there or of earlier steps; steps must not wait for each other in a circle.")
            .AppendLine("Use only the roles, kinds and tools listed here, as few steps as do the job, and no tool that changes something unless the goal asks for it.")
            .AppendLine().AppendLine("Roles, with what each can make:");
        foreach (var role in LexicalRanking.Top(mesh.Roles.Values, LexicalRanking.Describe, r => r.Name, asked, MaxRoles))
        {
            text.AppendLine($"- {role.Name}: {role.Purpose}");
            foreach (var c in role.Capabilities)
                text.AppendLine($"  - makes {c.Produces} from {Names(c.Consumes)}{(c.Uses.Count > 0 ? $", better with {Names(c.Uses)}" : "")}{(c.Tools.Count > 0 ? $"; tools {Names(c.Tools)}" : "")}");
        }

        text.AppendLine().AppendLine("Tools:");
        foreach (var tool in LexicalRanking.Top(mesh.Tools.Values, LexicalRanking.Describe, t => t.Name, asked, MaxTools))
            text.AppendLine($"- {tool.Name} ({(tool.Effect == ToolEffect.Pure ? "reads" : "changes something")}): {tool.Description}");

        text.AppendLine().AppendLine("Artifact kinds:");
        foreach (var kind in mesh.Kinds.Values.OrderBy(k => k.Name, StringComparer.Ordinal)) text.AppendLine($"- {kind.Name}: {kind.Description}");
        return text.ToString();
    }

    private static string User(PlanRequest request, PlanContext context, IReadOnlyList<PlanExample> examples)
    {
        var text = new StringBuilder();
        foreach (var example in examples)
            text.AppendLine($"An earlier goal that went well: {Cut(example.Text)}").AppendLine($"Its plan: {Write(example.Plan)}").AppendLine();

        text.AppendLine($"The goal: {request.Spec.Text}");
        foreach (var message in request.Messages) text.AppendLine($"Said since: {message}");
        if (request.Spec.Wants.Count > 0) text.AppendLine($"Must be delivered: {Names(request.Spec.Wants)}");
        text.AppendLine("Artifacts that are there:");
        foreach (var artifact in request.Spec.Inputs) text.AppendLine($"- {artifact.Id}: {artifact.Kind}, submitted");
        foreach (var artifact in request.Done) text.AppendLine($"- {artifact.Id}: {artifact.Kind}, made already; use it and do not make it again");
        if (request.Spec.Inputs.Count + request.Done.Count == 0) text.AppendLine("- none");
        if (request.Previous is { } previous)
        {
            text.AppendLine($"A new plan is wanted: {request.Why?.Reason}").AppendLine($"The plan so far: {Write(previous)}");
            var spent = request.Failed.Concat(request.Skipped).Select(s => s.Value).ToList();
            if (spent.Count > 0) text.AppendLine($"These ended without a result and their ids cannot be used again: {Names(spent)}");
            var open = PlanRemainder.Of(context).Where(s => !context.IsDone(s.Id)).Select(s => s.Id.Value).ToList();
            if (open.Count > 0) text.AppendLine($"These may go on as they are, under their ids: {Names(open)}");
        }

        return text.ToString();
    }

    private static string Write(Plan plan)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("steps");
            foreach (var step in plan.Steps)
            {
                json.WriteStartObject();
                json.WriteString("id", step.Id.Value);
                json.WriteString("role", step.Role);
                json.WriteString("instruction", step.Instruction);
                Array(json, "inputs", step.Inputs.Select(i => i.Value));
                json.WriteString("produces", step.Produces);
                if (step.When is { } when) json.WriteString("when", when);
                if (step.Tools is { } tools) Array(json, "tools", tools);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Array(json, "deliver", plan.Deliver.Select(d => d.Value));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Array(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static string Names(IReadOnlyCollection<string> names) => names.Count == 0 ? "nothing" : string.Join(", ", names);

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Select(l => $"- {l}"));

    private static string Cut(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
