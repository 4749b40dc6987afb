namespace AgentMesh.Runtime.Telemetry;

/// <summary>What spans tell beyond names, times and counts.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Redacts prompts, answers, arguments and results for spans; null leaves them out. Default null.</summary>
    public Func<string, string>? Content { get; init; }

    /// <summary>Also what the conventions for generative AI say since version 1.41. Default false.</summary>
    public bool Newest { get; init; }
}
