using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Agents;

/// <summary>A function that agents may call. Implementations are stateless towards goals and safe for concurrent calls.</summary>
public interface ITool
{
    ToolDescriptor Descriptor { get; }

    /// <summary>Runs the call. Arguments were validated against the schema, scope and policy were checked, and for a tool with an effect the claim is durable.</summary>
    /// <exception cref="ToolException">It did not work, with whether it is worth another try.</exception>
    /// <exception cref="ToolInFlightException">It is worth nothing but the same call again, a little later.</exception>
    Task<ToolResult> Invoke(ToolCall call, CancellationToken ct);
}

/// <summary>A tool that can find out what became of a claimed call whose receipt is missing.</summary>
public interface IReconcilableTool : ITool
{
    /// <summary>Also asked when a person has said that the call happened, for what it gave.</summary>
    /// <exception cref="ToolException">The probe itself failed; it is tried again.</exception>
    /// <exception cref="ToolInFlightException">The call is still being worked on; the probe is made again a little later.</exception>
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
    /// <param name="IfItHappened">What the call gives if a person says that it happened; null when only the other side knows.</param>
    public sealed record CannotTell(string Reason, ToolResult? IfItHappened = null) : Reconciliation;
}

/// <summary>A tool call that did not work.</summary>
/// <param name="kind">Transient is retried by the step's policy; Permanent goes back to the agent as feedback.</param>
/// <param name="effectPossible">True when the call may have taken effect all the same (the answer was lost, not the request).</param>
public class ToolException(FailureKind kind, string message, bool effectPossible = false, Exception? inner = null) : Exception(message, inner)
{
    public FailureKind Kind { get; } = kind;
    public bool EffectPossible { get; } = effectPossible;
}

/// <summary>
/// The other side has the request and has not finished it, or would not take it yet: the same call, with the same key, finds out later. Unless the
/// tool's effect is <see cref="ToolEffect.Once"/>, the runtime makes it again, for as long as the step has time, and spends no attempt of the step on it.
/// </summary>
/// <param name="retryAfter">When the other side wants to be asked again; null when it did not say, and the runtime waits 1, 2, 4, 8, then 15 s.</param>
/// <param name="effectPossible">False where it certainly did not take the request (a rate limit).</param>
public sealed class ToolInFlightException(string message, TimeSpan? retryAfter = null, bool effectPossible = true, Exception? inner = null)
    : ToolException(FailureKind.Transient, message, effectPossible, inner)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
