using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>What a tool does to the world, and so what a crash in the middle of it may mean.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ToolEffect>))]
public enum ToolEffect
{
    /// <summary>Changes nothing: may be repeated freely.</summary>
    Pure,

    /// <summary>Changes something, but the same key twice changes it once: retried with the same key.</summary>
    Idempotent,

    /// <summary>Changes something each time: never repeated blindly; a crash leaves it <c>Unknown</c>.</summary>
    Once,
}

/// <summary>When a tool's call needs a person (or a policy that stands for one).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ToolApproval>))]
public enum ToolApproval
{
    Never,

    /// <summary>Only when an argument derives from untrusted text.</summary>
    WhenUntrusted,
    Always,
}

/// <summary>What the mesh knows of a tool without running it.</summary>
public sealed record ToolDescriptor
{
    /// <summary>Dotted lower-case name: <c>ticket.create</c>.</summary>
    public required string Name { get; init; }
    public required string Description { get; init; }

    /// <summary>JSON Schema (draft 2020-12 subset) of the arguments object.</summary>
    public required JsonElement Parameters { get; init; }

    /// <summary>
    /// JSON Schema of what it returns, for a tool with an effect whose result others build on; null when it promises no shape. A person who vouches
    /// for a call that no probe can find is asked for the fields that it requires.
    /// </summary>
    public JsonElement? Result { get; init; }
    public required ToolEffect Effect { get; init; }
    public ToolApproval Approval { get; init; } = ToolApproval.Never;
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Label of what it returns; a tool that reads the outside world returns untrusted text.</summary>
    public Trust Returns { get; init; } = Trust.Untrusted;
}

/// <summary>One thing a role can do: which kinds it needs and which kind it makes. The typed planner searches over these.</summary>
/// <param name="Name">Unique within the role.</param>
/// <param name="Consumes">Kinds it cannot do without.</param>
/// <param name="Uses">Kinds it takes where the goal has them.</param>
/// <param name="Produces">The kind it makes.</param>
/// <param name="Instruction">What a step of this capability is told.</param>
/// <param name="Tools">Tools that a step of this capability gets.</param>
public sealed record Capability(
    string Name, IReadOnlyList<string> Consumes, IReadOnlyList<string> Uses, string Produces, string Instruction, IReadOnlyList<string> Tools);

/// <summary>How strong a model a role asks for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelNeed>))]
public enum ModelNeed
{
    None,
    Small,
    Large,
}

/// <summary>A catalogue entry: what agents of this role are for and what they may do.</summary>
public sealed record RoleDescriptor
{
    public required string Name { get; init; }
    public required string Purpose { get; init; }
    public string Prompt { get; init; } = "";
    public ModelNeed Model { get; init; } = ModelNeed.Small;
    public IReadOnlyList<string> Tools { get; init; } = [];
    public IReadOnlyList<Capability> Capabilities { get; init; } = [];

    /// <summary>Below this (0..1) an answer goes to the next tier, and at the last tier to a person.</summary>
    public double MinConfidence { get; init; } = 0.5;

    /// <summary>Model turns per attempt.</summary>
    public int MaxIterations { get; init; } = 8;
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>An artifact kind: its meaning and the schema that every value of it obeys.</summary>
public sealed record ArtifactKind(string Name, string Description, JsonElement Schema)
{
    /// <summary>Words and phrases that, found in a goal's text, ask for an artifact of this kind.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}

/// <summary>A predefined plan.</summary>
public sealed record Playbook
{
    public required string Name { get; init; }
    public required string Description { get; init; }

    /// <summary>Words and phrases that, found in a goal's text, speak for this playbook.</summary>
    public IReadOnlyList<string> Triggers { get; init; } = [];

    /// <summary>Artifact kinds the goal must bring.</summary>
    public IReadOnlyList<string> Requires { get; init; } = [];
    public required IReadOnlyList<PlaybookStep> Steps { get; init; }

    /// <summary>Ids of the steps whose artifacts are the result; empty means the last step's.</summary>
    public IReadOnlyList<StepId> Deliver { get; init; } = [];
}

/// <summary>A step as a playbook writes it: inputs may name an artifact kind, which is resolved when the playbook is applied to a goal.</summary>
public sealed record PlaybookStep
{
    public required StepId Id { get; init; }
    public required string Role { get; init; }
    public string? Instruction { get; init; }

    /// <summary>Ids of earlier steps, or kinds of submitted artifacts.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];
    public required string Produces { get; init; }
    public string? When { get; init; }
    public IReadOnlyList<string>? Tools { get; init; }
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;
    public TimeSpan? Timeout { get; init; }
    public bool Optional { get; init; }
}
