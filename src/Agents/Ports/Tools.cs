using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Agents;

/// <summary>A function that agents may call. Implementations are stateless towards goals and safe for concurrent calls.</summary>
public interface ITool
{
    ToolDescriptor Descriptor { get; }

    /// <summary>Runs the call. Arguments were validated against the schema, scope and policy were checked, and for a tool with an effect the claim is durable.</summary>
    /// <exception cref="ToolException">It did not work, with whether it is worth another try.</exception>
    Task<ToolResult> Invoke(ToolCall call, CancellationToken ct);
}

/// <summary>A tool that can find out what became of a claimed call whose receipt is missing.</summary>
public interface IReconcilableTool : ITool
{
    /// <exception cref="ToolException">The probe itself failed; it is tried again.</exception>
    Task<Reconciliation> Reconcile(ToolCall call, CancellationToken ct);
}

/// <param name="Key">The idempotency key <c>goal/step/call</c>: the same in every retry of this call.</param>
public sealed record ToolCall(GoalId Goal, string Tenant, StepId Step, CallId Call, string Key, JsonElement Arguments);

/// <param name="Value">JSON for the agent; at most a few hundred kB.</param>
/// <param name="Trust">Label of the value; null for the descriptor's.</param>
public sealed record ToolResult(JsonElement Value, Trust? Trust = null);

/// <summary>What a reconcile probe found.</summary>
public abstract record Reconciliation
{
    /// <summary>The call took effect; this is its result.</summary>
    public sealed record Happened(ToolResult Result) : Reconciliation;

    /// <summary>The call certainly did not and will not take effect: it may be made (again).</summary>
    public sealed record DidNotHappen : Reconciliation;

    /// <summary>The probe cannot tell: a person must.</summary>
    public sealed record CannotTell(string Reason) : Reconciliation;
}

/// <summary>A tool call that did not work.</summary>
/// <param name="kind">Transient is retried by the step's policy; Permanent goes back to the agent as feedback.</param>
/// <param name="effectPossible">True when the call may have taken effect all the same (the answer was lost, not the request).</param>
public sealed class ToolException(FailureKind kind, string message, bool effectPossible = false, Exception? inner = null) : Exception(message, inner)
{
    public FailureKind Kind { get; } = kind;
    public bool EffectPossible { get; } = effectPossible;
}
