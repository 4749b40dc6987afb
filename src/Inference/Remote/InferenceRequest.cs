using System.Text.Json;

namespace AgentMesh.Inference.Remote;

/// <summary>Who waits for the answer. Orders the requests of one tenant; between tenants the shares decide (see <see cref="Serving.ModelServer"/>).</summary>
public enum InferencePriority
{
    /// <summary>Nobody waits: evaluation, indexing.</summary>
    Background,

    /// <summary>A step of a goal.</summary>
    Normal,

    /// <summary>A person looks at the screen.</summary>
    Interactive,
}

/// <summary>One model call as it travels to the machine that serves the model.</summary>
/// <param name="Model">The model's name; a device that serves another one refuses.</param>
/// <param name="Tenant">Who is charged for it, and whose share of the device it uses.</param>
/// <param name="Within">
/// How long the answer is of use, counted from the moment the device receives the request; null for as long as it takes.
/// A span rather than a moment: the sender writes what is left at each attempt, so that no two clocks are compared.
/// </param>
public sealed record InferenceRequest(
    string Model, string Tenant, InferencePriority Priority, IReadOnlyList<InferenceMessage> Messages, InferenceOptions? Options = null, TimeSpan? Within = null);

/// <summary>How to answer. Null everywhere means the model's default.</summary>
public sealed record InferenceOptions
{
    public string? Instructions { get; init; }
    public float? Temperature { get; init; }
    public float? TopP { get; init; }
    public int? TopK { get; init; }
    public float? FrequencyPenalty { get; init; }
    public float? PresencePenalty { get; init; }
    public long? Seed { get; init; }
    public int? MaxOutputTokens { get; init; }
    public IReadOnlyList<string>? Stop { get; init; }
    public AnswerFormat? Format { get; init; }
    public IReadOnlyList<InferenceTool>? Tools { get; init; }
    public ToolChoice? ToolChoice { get; init; }
    public bool? ParallelTools { get; init; }

    /// <summary>Options that only some engines know (<c>min_p</c>, …), by name.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Extra { get; init; }
}

/// <param name="Json">False: plain text.</param>
/// <param name="Schema">Null with <paramref name="Json"/>: any JSON.</param>
public sealed record AnswerFormat(bool Json, JsonElement? Schema = null, string? Name = null, string? Description = null);

public sealed record InferenceTool(string Name, string? Description, JsonElement Parameters, JsonElement? Returns = null);

public enum ToolChoiceKind
{
    Auto,
    None,
    Required,
}

/// <param name="Function">With <see cref="ToolChoiceKind.Required"/>: the one to call; null for any.</param>
public sealed record ToolChoice(ToolChoiceKind Kind, string? Function = null);
