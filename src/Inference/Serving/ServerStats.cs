using AgentMesh.Agents.Models;
using AgentMesh.Inference.Remote;

namespace AgentMesh.Inference.Serving;

/// <summary>What a device does at this moment, and what it did since it started.</summary>
/// <param name="Busy">Slots at work.</param>
/// <param name="TokensPerSecond">Generated, over the last ten seconds.</param>
/// <param name="FirstTokenP50">From arrival to the first part of a streamed answer, queue included, over the latest 256; null before the first.</param>
/// <param name="Capabilities">What the engine is known to offer.</param>
/// <param name="Tenants">In order of tokens generated. Beyond 1,000 tenants the others are summed up as <c>(others)</c>.</param>
public sealed record ServerStats(
    string Device, string Model, int Slots, int Busy, int Queued, bool Draining,
    long Answered, long Failed, long Refused, long Cancelled, long InputTokens, long OutputTokens, double TokensPerSecond,
    TimeSpan? FirstTokenP50, TimeSpan? FirstTokenP99, ModelCapabilities Capabilities, IReadOnlyList<TenantStats> Tenants);

/// <param name="Requests">That ended, however.</param>
public sealed record TenantStats(string Tenant, int Busy, int Queued, long Requests, long InputTokens, long OutputTokens);

/// <summary>How a request ended.</summary>
public enum ServedOutcome
{
    Answered,
    Failed,

    /// <summary>It was never started: queue full, draining, deadline passed while it waited, or not a request for this device.</summary>
    Refused,

    /// <summary>Its caller gave up.</summary>
    Cancelled,
}

/// <param name="Waited">In the queue.</param>
/// <param name="Took">From arrival to end, the queue included.</param>
/// <param name="FirstToken">From arrival; null for a whole answer, or where none came.</param>
/// <param name="Error">With <see cref="ServedOutcome.Failed"/> and <see cref="ServedOutcome.Refused"/>.</param>
public sealed record ServedRequest(
    string Device, string Model, string Tenant, InferencePriority Priority, ServedOutcome Outcome, InferenceErrorKind? Error,
    TimeSpan Waited, TimeSpan Took, TimeSpan? FirstToken, long InputTokens, long OutputTokens);

/// <summary>
/// Hears what happens on a device, for metrics and the activity record. Called on the path of the requests, from several threads:
/// return at once, and throw nothing.
/// </summary>
public interface IServingObserver
{
    /// <summary>A request got its slot.</summary>
    void Started(string device, string tenant, TimeSpan waited);

    void Ended(ServedRequest request);

    void Draining(string device, int handedBack);
}

/// <param name="HandedBack">Requests that waited; their senders try elsewhere.</param>
/// <param name="Cut">Requests that still ran at the limit and were ended.</param>
public sealed record DrainReport(int HandedBack, int Cut);
