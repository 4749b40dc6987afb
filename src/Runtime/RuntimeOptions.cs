using AgentMesh.Runtime.Telemetry;

namespace AgentMesh.Runtime;

/// <summary>Settings of the runtime that both engines share. Every default works.</summary>
public sealed record RuntimeOptions
{
    /// <summary>Longest time for one attempt at a step whose plan and role say nothing. Default 2 minutes.</summary>
    public TimeSpan StepTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Artifacts up to this many bytes of JSON live in the journal, larger ones in the content store. Default 16 KiB.</summary>
    public int InlineArtifactBytes { get; init; } = 16 * 1024;

    /// <summary>Answer tokens reserved for a model call that names no limit. Default 1024.</summary>
    public int DefaultAnswerTokens { get; init; } = 1024;

    /// <summary>Tools that need no person's consent on this mesh whatever their descriptor says: the operator's policy.</summary>
    public IReadOnlySet<string> ApprovedTools { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    public TelemetryOptions Telemetry { get; init; } = new();
}
