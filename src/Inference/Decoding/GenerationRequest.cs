using AgentMesh.Inference.Remote;

namespace AgentMesh.Inference.Decoding;

/// <summary>What one caller wants generated.</summary>
/// <param name="Prompt">At least one token; not changed while the request lives.</param>
/// <param name="MaxTokens">The most to generate, at least 1.</param>
/// <param name="Chooser">This request's own.</param>
public sealed record GenerationRequest(IReadOnlyList<int> Prompt, int MaxTokens, ITokenChooser Chooser)
{
    /// <summary>Whose share of the device it uses.</summary>
    public string Tenant { get; init; } = "default";

    public InferencePriority Priority { get; init; } = InferencePriority.Normal;

    /// <summary>
    /// Tokens at the prompt's beginning that belong to a role, not to its task: of them, what another request had in common stays in the cache whatever else is asked
    /// for, until half of the cells are kept like that; then those that are still used are kept anew. Default: 0.
    /// </summary>
    public int Pinned { get; init; }
}

/// <summary>Why a generation ended.</summary>
public enum GenerationEnd
{
    /// <summary>The model ended it, or its grammar allows nothing more.</summary>
    Stop,

    /// <summary>It has as many tokens as it may have.</summary>
    Length,

    Cancelled,

    /// <summary>The decoder failed; the request may be tried again.</summary>
    Failed,
}

/// <summary>How a request went.</summary>
/// <param name="Prompt">Tokens of the prompt.</param>
/// <param name="Reused">Of them, those that were in the cache.</param>
/// <param name="Generated">Tokens made, forced ones included; an end token is none.</param>
/// <param name="Forced">Of them, those that its grammar left no choice about.</param>
/// <param name="Calls">Decode calls that made them.</param>
/// <param name="Waited">From arrival until it was taken into the batch.</param>
/// <param name="FirstToken">From arrival; null where none came.</param>
/// <param name="Failure">With <see cref="GenerationEnd.Failed"/>: one sentence.</param>
public sealed record GenerationOutcome(
    GenerationEnd End, int Prompt, int Reused, int Generated, int Forced, int Calls, TimeSpan Waited, TimeSpan? FirstToken, TimeSpan Took, string? Failure = null);
