using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Grains.Streams;

/// <summary>What an orchestrator tells an agent: run this attempt, or stop it.</summary>
/// <param name="Sequence">The journal's sequence when the order was given: an agent that has ended the attempt since ignores it.</param>
/// <param name="Stop">Why the attempt is to end; null to run it.</param>
[GenerateSerializer, Immutable, Alias("agentmesh.order")]
internal sealed record AgentOrder(
    [property: Id(0)] GoalId Goal, [property: Id(1)] string Tenant, [property: Id(2)] StepId Step, [property: Id(3)] int Attempt,
    [property: Id(4)] long Sequence, [property: Id(5)] string? Stop)
{
    /// <summary>The goal as its orchestrator has it. Does not travel: an agent on another silo reads the journal.</summary>
    [field: NonSerialized]
    public KnownGoal? Known { get; init; }
}

/// <summary>A goal's state for the first who gets the order. By the time that it comes again the goal may have gone on, and only the journal knows how.</summary>
internal sealed class KnownGoal(GoalState state)
{
    private GoalState? state = state;

    public GoalState? Take() => Interlocked.Exchange(ref state, null);
}

/// <summary>What an agent tells an orchestrator when an attempt ends: its last facts, the end last of all.</summary>
[GenerateSerializer, Immutable, Alias("agentmesh.report")]
internal sealed record AttemptReport([property: Id(0)] IReadOnlyList<GoalEvent> Events, [property: Id(1)] long Seen);

/// <summary>Names of grain types, which are the namespaces of the streams to them.</summary>
internal static class GrainTypes
{
    public const string Orchestrator = "orchestrator";
    public const string Classifier = "classifier";
    public const string Retriever = "retriever";
    public const string Analyst = "analyst";
    public const string Writer = "writer";
    public const string Role = "role";

    /// <summary>Who plays a role: its own grain type, or the one for roles that users added.</summary>
    public static string Of(string role) => role is Classifier or Retriever or Analyst or Writer ? role : Role;
}
