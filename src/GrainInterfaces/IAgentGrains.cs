using AgentMesh.Contracts;

namespace AgentMesh.GrainInterfaces;

/// <summary>
/// An agent that other services talk to directly, by any key they like; what it is told to remember it keeps. A direct call runs the role's
/// rules and models and its tools without effect; whatever changes the world wants a goal, with its journal, consent and budget.
/// Calls throw <see cref="MeshException"/>: <c>agent-failed</c>, <c>agent-unsure</c> (it would ask a person), <c>needs-goal</c>, <c>deadline</c>.
/// </summary>
[Alias("agentmesh.agent")]
public interface IAgentGrain : IGrainWithStringKey
{
    /// <summary>One piece of work of the agent's role, outside any goal.</summary>
    /// <param name="progress">Told what the agent does; null for none.</param>
    [Alias("run")]
    Task<AgentAnswer> Run(AgentRequest request, IAgentObserver? progress = null, CancellationToken ct = default);

    /// <summary>Keeps a note for later work under this key, durably. Null forgets it. At most 100 notes of 4,096 characters.</summary>
    [Alias("remember")]
    Task Remember(string topic, string? note);

    [Alias("recall")]
    Task<IReadOnlyDictionary<string, string>> Recall();
}

[Alias("agentmesh.classifier")]
public interface IClassifierGrain : IAgentGrain
{
    [Alias("classify")]
    Task<Classification> Classify(ClassifyRequest request, CancellationToken ct = default);
}

[Alias("agentmesh.retriever")]
public interface IRetrieverGrain : IAgentGrain
{
    /// <summary>Passages of the tenant's knowledge, best first.</summary>
    [Alias("retrieve")]
    Task<IReadOnlyList<RetrievedPassage>> Retrieve(RetrieveRequest request, CancellationToken ct = default);
}

[Alias("agentmesh.analyst")]
public interface IAnalystGrain : IAgentGrain;

[Alias("agentmesh.writer")]
public interface IWriterGrain : IAgentGrain;

/// <summary>An agent of a role that users added; the key is <c>role/name</c>.</summary>
[Alias("agentmesh.role")]
public interface IRoleGrain : IAgentGrain;

/// <summary>Hears what an agent does during a direct call.</summary>
[Alias("agentmesh.agent-observer")]
public interface IAgentObserver : IGrainObserver
{
    /// <param name="what"><c>model</c> or <c>tool</c>.</param>
    /// <param name="name">The model's or the tool's.</param>
    [Alias("called")]
    Task Called(string what, string name, double seconds, string? error);
}

/// <summary>A piece of work for an agent outside any goal.</summary>
/// <param name="Instruction">What is wanted, in words.</param>
/// <param name="Produces">The artifact kind of the answer; one that the role produces.</param>
[GenerateSerializer, Immutable, Alias("agentmesh.agent-request")]
public sealed record AgentRequest([property: Id(0)] string Instruction, [property: Id(1)] string Produces)
{
    [Id(2)]
    public IReadOnlyList<Artifact> Inputs { get; init; } = [];

    [Id(3)]
    public string Tenant { get; init; } = "default";

    /// <summary>How long it may take. Default 60 s.</summary>
    [Id(4)]
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);
}

/// <param name="Value">Obeys the schema of the kind that was asked for.</param>
/// <param name="Tier"><c>rules</c>, or the model's name.</param>
/// <param name="Confidence">0..1, as the agent judges it.</param>
[GenerateSerializer, Immutable, Alias("agentmesh.agent-answer")]
public sealed record AgentAnswer(
    [property: Id(0)] Artifact Value, [property: Id(1)] double Confidence, [property: Id(2)] string Tier, [property: Id(3)] Rationale Why);

/// <param name="Text">The text to classify; its first line may be a subject.</param>
[GenerateSerializer, Immutable, Alias("agentmesh.classify-request")]
public sealed record ClassifyRequest([property: Id(0)] string Text)
{
    [Id(1)]
    public string Tenant { get; init; } = "default";

    /// <summary>How long it may take. Default 60 s.</summary>
    [Id(2)]
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);
}

/// <param name="Tier"><c>rules</c>, or the model's name.</param>
[GenerateSerializer, Immutable, Alias("agentmesh.classification")]
public sealed record Classification(
    [property: Id(0)] string Category, [property: Id(1)] double Confidence, [property: Id(2)] string? Summary, [property: Id(3)] string Tier,
    [property: Id(4)] string Reason);

[GenerateSerializer, Immutable, Alias("agentmesh.retrieve-request")]
public sealed record RetrieveRequest([property: Id(0)] string Query)
{
    [Id(1)]
    public string Tenant { get; init; } = "default";

    [Id(2)]
    public int Limit { get; init; } = 5;

    /// <summary>Empty for all of the tenant's.</summary>
    [Id(3)]
    public IReadOnlyList<string> Collections { get; init; } = [];
}

/// <param name="Start">Offset of the first character in the document (UTF-16 units).</param>
[GenerateSerializer, Immutable, Alias("agentmesh.passage")]
public sealed record RetrievedPassage(
    [property: Id(0)] string Collection, [property: Id(1)] string Document, [property: Id(2)] string Title, [property: Id(3)] int Start,
    [property: Id(4)] int End, [property: Id(5)] string Text, [property: Id(6)] double Score);
