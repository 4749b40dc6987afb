using AgentMesh.Agents.Models;

namespace AgentMesh.Inference.Remote;

/// <summary>Why a device gave no answer. The first seven are the engine's (<see cref="ModelErrorKind"/>), the others the pool's own.</summary>
public enum InferenceErrorKind
{
    RateLimited,
    Unavailable,
    TimedOut,
    BadResponse,
    Rejected,
    BudgetExceeded,
    CircuitOpen,

    /// <summary>More wait than the device lets wait; nothing was started.</summary>
    QueueFull,

    /// <summary>The device takes nothing new; what waited is handed back unstarted, what ran past the limit is cut.</summary>
    Draining,

    /// <summary>The device cannot be reached, or went away during the call.</summary>
    DeviceGone,

    /// <summary>The device serves another model; nothing was started.</summary>
    OtherModel,
}

/// <summary>An error as data, so that it means the same after it crossed the wire.</summary>
/// <param name="Message">One sentence that says what to do; never a prompt, an answer or a key.</param>
/// <param name="Retryable">The same request may succeed elsewhere or later.</param>
public sealed record InferenceError(InferenceErrorKind Kind, string Message, bool Retryable)
{
    public TimeSpan? RetryAfter { get; init; }
    public int? StatusCode { get; init; }
    public ModelFeature? Unsupported { get; init; }

    /// <summary>True where tokens may have been generated before it failed.</summary>
    public bool TokensMayBeSpent { get; init; }

    public static InferenceError From(ModelException error) =>
        new(Kinds(error.Kind), error.Message, IsRetryable(error.Kind))
        {
            RetryAfter = error.RetryAfter,
            StatusCode = error.StatusCode,
            Unsupported = error.Unsupported,
            TokensMayBeSpent = error.TokensMayBeSpent,
        };

    public ModelException ToException() => new(Kind switch
    {
        InferenceErrorKind.RateLimited or InferenceErrorKind.QueueFull => ModelErrorKind.RateLimited,
        InferenceErrorKind.TimedOut => ModelErrorKind.TimedOut,
        InferenceErrorKind.BadResponse => ModelErrorKind.BadResponse,
        InferenceErrorKind.Rejected => ModelErrorKind.Rejected,
        InferenceErrorKind.BudgetExceeded => ModelErrorKind.BudgetExceeded,
        InferenceErrorKind.CircuitOpen => ModelErrorKind.CircuitOpen,
        _ => ModelErrorKind.Unavailable,
    }, Message)
    {
        RetryAfter = RetryAfter,
        StatusCode = StatusCode,
        Unsupported = Unsupported,
        TokensMayBeSpent = TokensMayBeSpent,
    };

    private static bool IsRetryable(ModelErrorKind kind) =>
        kind is ModelErrorKind.RateLimited or ModelErrorKind.Unavailable or ModelErrorKind.TimedOut or ModelErrorKind.CircuitOpen;

    private static InferenceErrorKind Kinds(ModelErrorKind kind) => kind switch
    {
        ModelErrorKind.RateLimited => InferenceErrorKind.RateLimited,
        ModelErrorKind.TimedOut => InferenceErrorKind.TimedOut,
        ModelErrorKind.BadResponse => InferenceErrorKind.BadResponse,
        ModelErrorKind.Rejected => InferenceErrorKind.Rejected,
        ModelErrorKind.BudgetExceeded => InferenceErrorKind.BudgetExceeded,
        ModelErrorKind.CircuitOpen => InferenceErrorKind.CircuitOpen,
        _ => InferenceErrorKind.Unavailable,
    };
}
