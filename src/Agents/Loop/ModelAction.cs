using System.Text.Json;

namespace AgentMesh.Agents.Loop;

/// <summary>What a model wants to do next.</summary>
internal abstract record ModelAction
{
    /// <summary>The id of a native call, which its answer must carry; null for an action written as JSON.</summary>
    public string? NativeId { get; init; }

    public sealed record UseTool(string Tool, JsonElement Arguments) : ModelAction;

    public sealed record Finish(JsonElement Value, double? Confidence, string Reason, IReadOnlyList<string> Evidence) : ModelAction;

    public sealed record AskPerson(string Question, IReadOnlyList<string> Choices) : ModelAction;

    public sealed record SpawnHelpers(IReadOnlyList<JsonElement> Helpers, string Reason) : ModelAction;

    /// <summary>The answer to the reflection question.</summary>
    public sealed record Judge(bool Enough, double? Confidence, string Reason) : ModelAction;

    /// <summary>Not an action; the feedback says what is wrong and what to do.</summary>
    public sealed record Malformed(string Feedback) : ModelAction;
}
