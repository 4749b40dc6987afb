using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Agents.Schema;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Runtime;

/// <summary>
/// Decides whether one exact call may be made: freely, with consent given in advance, or after a person decided. An approval holds for the
/// tool, the canonical arguments and the plan version that it was asked for, and for nothing else.
/// </summary>
public sealed class ConsentGate(GoalState state, StepWork work, AttemptRecord record, RuntimeOptions options)
{
    private readonly List<PersonRequest> inAdvance = [];

    /// <summary>What the gate says.</summary>
    /// <param name="Arguments">The arguments to use: a person may have edited them.</param>
    /// <param name="Refusal">Why the call may not be made; null when it may.</param>
    public sealed record Verdict(JsonElement Arguments, string? Refusal);

    /// <exception cref="StepSuspendedException">A person must decide first.</exception>
    public async Task<Verdict> Ask(ToolDescriptor tool, CallId call, JsonElement arguments, Trust seen)
    {
        var untrusted = seen == Trust.Untrusted ? FreeText(tool.Parameters, arguments, "") : [];
        if (Reason(tool, untrusted) is not { } why) return new Verdict(arguments, null);

        var request = Find(tool.Name, arguments);
        if (request?.Decision is { } decision) return Decided(tool, arguments, decision);
        if (request is null)
        {
            request = new PersonRequest(
                NewId(call), new ApprovalRequested(NewId(call), work.Step.Id, call, tool.Name, arguments, state.PlanVersion, untrusted, why), null);
            if (state.Spec.Constraints.Approvals == ApprovalMode.Never)
                return new Verdict(arguments, $"{tool.Name} needs consent ({why}), and this goal was submitted with approvals set to never.");
            record.Add(request.Approval!);
            if (state.Spec.Constraints.Approvals == ApprovalMode.Auto)
            {
                var decided = new ApprovalDecided(request.Id, ApprovalVerdict.Approved, $"{state.Spec.SubmittedBy} (in advance)");
                record.Add(decided);
                inAdvance.Add(request with { Decision = decided });
                return new Verdict(arguments, null);
            }
        }

        await record.Commit(new StepSuspended(work.Step.Id, work.Attempt, request.Id));
        throw new StepSuspendedException(request.Id);
    }

    /// <summary>True when a person turned the one call's arguments into the other's, so that the record differs from what the agent asks for.</summary>
    public bool IsEdit(string tool, JsonElement asked, JsonElement made) => state.Requests.Any(r =>
        r is { Approval: { } approval, Decision: { Verdict: ApprovalVerdict.Edited, Arguments: { } edited } }
        && approval.Step == work.Step.Id && approval.Tool == tool && RuntimeJson.Same(approval.Arguments, asked) && RuntimeJson.Same(edited, made));

    private string? Reason(ToolDescriptor tool, IReadOnlyList<string> untrusted)
    {
        if (options.ApprovedTools.Contains(tool.Name)) return null;
        return tool.Approval switch
        {
            ToolApproval.Always => $"{tool.Name} always needs consent.",
            ToolApproval.WhenUntrusted when untrusted.Count > 0 => "Its arguments derive from text that nobody vouches for.",
            _ => null,
        };
    }

    private static Verdict Decided(ToolDescriptor tool, JsonElement arguments, ApprovalDecided decision) => decision.Verdict switch
    {
        ApprovalVerdict.Approved => new Verdict(arguments, null),
        ApprovalVerdict.Edited when SchemaValidator.For(tool).Validate(decision.Arguments!.Value) is { Count: > 0 } errors =>
            new Verdict(arguments, $"The arguments that {decision.By} gave do not obey the schema of {tool.Name}: {string.Join("; ", errors)}"),
        ApprovalVerdict.Edited => new Verdict(RuntimeJson.Canonical(decision.Arguments!.Value), null),
        _ => new Verdict(arguments, $"{decision.By} rejected {tool.Name}{(decision.Reason is { } reason ? $": {reason}" : ".")}"),
    };

    // Not bound to the call's number: a retry makes the same call under another number, and a person has answered for it already.
    private PersonRequest? Find(string tool, JsonElement arguments) => state.Requests.Concat(inAdvance).LastOrDefault(r =>
        !r.Withdrawn && r.Approval is { } asked && asked.Step == work.Step.Id && asked.Tool == tool
        && asked.PlanVersion == state.PlanVersion && RuntimeJson.Same(asked.Arguments, arguments));

    private RequestId NewId(CallId call)
    {
        var name = $"approve-{call.Value.Replace('/', '-')}";
        var asked = state.Requests.Count(r => r.Approval?.Call == call);
        return new RequestId(asked == 0 ? name : $"{name}-{asked + 1}");
    }

    // What a schema narrows to a closed choice, a number or a flag cannot carry anybody's words.
    private static List<string> FreeText(JsonElement schema, JsonElement value, string path)
    {
        var found = new List<string>();
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                    found.AddRange(FreeText(Sub(schema, "properties", property.Name), property.Value, $"{path}/{property.Name}"));
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray()) found.AddRange(FreeText(Sub(schema, "items", null), item, $"{path}/{index++}"));
                break;
            case JsonValueKind.String when !IsClosed(schema): found.Add(path); break;
        }

        return found;
    }

    private static JsonElement Sub(JsonElement schema, string keyword, string? name)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty(keyword, out var inner)) return default;
        return name is null ? inner : inner.ValueKind == JsonValueKind.Object && inner.TryGetProperty(name, out var named) ? named : default;
    }

    private static bool IsClosed(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && (schema.TryGetProperty("enum", out _) || schema.TryGetProperty("const", out _));
}
