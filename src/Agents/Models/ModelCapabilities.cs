using Microsoft.Extensions.AI;

namespace AgentMesh.Agents.Models;

/// <summary>What a chat endpoint may or may not offer beyond plain text.</summary>
public enum ModelFeature
{
    /// <summary><c>tools</c> in the request, tool calls in the answer.</summary>
    NativeTools,

    /// <summary><c>response_format</c> with a JSON Schema that constrains the answer.</summary>
    JsonSchema,
}

public enum Support
{
    /// <summary>Not known yet: try it, and fall back when <see cref="ModelException.Unsupported"/> says so.</summary>
    Unknown,
    Yes,
    No,
}

/// <summary>What is known of a model at this moment: configured, or learned from its answers. Ask again before each step.</summary>
public sealed record ModelCapabilities(Support NativeTools, Support JsonSchema)
{
    public static ModelCapabilities Unknown { get; } = new(Support.Unknown, Support.Unknown);

    /// <summary>What <paramref name="client"/> knows of its model; <see cref="Unknown"/> for a client that keeps no such knowledge.</summary>
    public static ModelCapabilities Of(IChatClient client) =>
        client.GetService(typeof(ModelCapabilities)) as ModelCapabilities ?? Unknown;
}
