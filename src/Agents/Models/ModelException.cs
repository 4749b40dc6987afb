namespace AgentMesh.Agents.Models;

/// <summary>Why a model call gave no answer: the closed list that callers switch on.</summary>
public enum ModelErrorKind
{
    /// <summary>The endpoint asks to slow down. Try again after <see cref="ModelException.RetryAfter"/>.</summary>
    RateLimited,

    /// <summary>The endpoint could not be reached, failed, or broke off before its answer was complete. Try again later.</summary>
    Unavailable,

    /// <summary>The endpoint was too slow. Try again later, or raise the limit.</summary>
    TimedOut,

    /// <summary>The endpoint answered with something that is not a chat completion. Trying again may help; another model helps more.</summary>
    BadResponse,

    /// <summary>The endpoint understood the request and refuses it. The same request will be refused again.</summary>
    Rejected,

    /// <summary>The call's budget has no room for it; nothing was sent.</summary>
    BudgetExceeded,

    /// <summary>The endpoint failed so often that it is left alone for <see cref="ModelException.RetryAfter"/>; nothing was sent.</summary>
    CircuitOpen,
}

/// <summary>
/// The only exception a model call throws, besides <see cref="OperationCanceledException"/> when its caller gave up.
/// The message is one sentence that says what to do; it never holds a prompt, an answer or a key.
/// </summary>
public sealed class ModelException(ModelErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public ModelErrorKind Kind { get; } = kind;

    /// <summary>How long to wait before the next try, where that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The HTTP status, where there was one.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The feature whose absence caused a <see cref="ModelErrorKind.Rejected"/>: the same call without it may succeed.</summary>
    public ModelFeature? Unsupported { get; init; }

    /// <summary>True where the endpoint may have generated tokens, and charged for them, before it failed.</summary>
    public bool TokensMayBeSpent { get; init; }
}
