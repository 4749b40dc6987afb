using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>What operators see of the machines under the mesh, and do to them. The single process answers as a cluster of one.</summary>
public interface IOperations
{
    Task<ClusterView> Status(CancellationToken ct = default);

    /// <summary>Takes a silo out of service: it accepts nothing new, hands over what it runs, and stops. Returns when it began; <see cref="Status"/> shows how far it is.</summary>
    /// <exception cref="MeshException">Code <c>silo-not-found</c>, or <c>last-silo</c> when nothing would be left to run the goals.</exception>
    Task Drain(string silo, CancellationToken ct = default);

    /// <summary>What every silo did in a window that ends now; at most the last hour.</summary>
    Task<ActivityView> Activity(TimeSpan window, CancellationToken ct = default);
}

[JsonConverter(typeof(JsonStringEnumConverter<SiloStatus>))]
public enum SiloStatus
{
    Joining,
    Active,

    /// <summary>Takes nothing new and hands over what it has.</summary>
    Draining,

    /// <summary>Suspected or declared dead, and not yet forgotten.</summary>
    Dead,
}

/// <param name="Cluster">The cluster's id; <c>local</c> for a single process.</param>
public sealed record ClusterView(string Cluster, IReadOnlyList<SiloView> Silos);

/// <param name="Name">Unique in the cluster and stable over a restart in place: the pod's name.</param>
/// <param name="Address">IP, port and life of the silo: <c>10.0.0.3:11111@123</c>. Of a single process its id: <c>process 4711</c>.</param>
/// <param name="Roles"><c>agents</c>, <c>inference</c>, <c>gateway</c>.</param>
/// <param name="Goals">Goals that move here.</param>
public sealed record SiloView(
    string Name, string Address, SiloStatus Status, IReadOnlyList<string> Roles, string Version, DateTimeOffset? StartedAt, int Goals, int Activations,
    long MemoryBytes, IReadOnlyList<DeviceView> Devices);

/// <summary>One model on one device, as it is now.</summary>
/// <param name="Device"><c>gpu0</c>…, <c>cpu</c>, or the host that serves it.</param>
/// <param name="Slots">Requests that run at once at most.</param>
/// <param name="Busy">Requests that run: the present batch.</param>
/// <param name="Queued">Requests that wait.</param>
/// <param name="TokensPerSecond">Generated, over the last ten seconds.</param>
public sealed record DeviceView(string Model, string Device, int Slots, int Busy, int Queued, double TokensPerSecond);

/// <param name="From">Start of the first bucket.</param>
/// <param name="Bucket">Length of one bucket; every series has one value a bucket, oldest first.</param>
public sealed record ActivityView(DateTimeOffset From, TimeSpan Bucket, IReadOnlyList<SiloActivity> Silos);

/// <param name="Memory">Working set in bytes, a bucket each.</param>
/// <param name="Queue">Calls that waited or ran when the bucket ended.</param>
public sealed record SiloActivity(
    string Silo, IReadOnlyList<GrainActivity> Grains, IReadOnlyList<InferenceActivity> Inference, IReadOnlyList<long> Memory, IReadOnlyList<int> Queue);

/// <summary>One type of grain on one silo.</summary>
/// <param name="Activations">Now.</param>
/// <param name="P50">Milliseconds, over the window; so is <paramref name="P99"/>.</param>
/// <param name="CallsByBucket">The same calls, spread over the buckets; so are the errors.</param>
public sealed record GrainActivity(
    string Type, int Activations, long Calls, long Errors, double CallsPerSecond, double P50, double P99,
    IReadOnlyList<long> CallsByBucket, IReadOnlyList<long> ErrorsByBucket);

/// <summary>One model on one device, over time. Each list has one value a bucket.</summary>
/// <param name="Batch">Mean number of requests that ran at once.</param>
public sealed record InferenceActivity(
    string Model, string Device, int Slots, IReadOnlyList<double> Batch, IReadOnlyList<double> TokensPerSecond, IReadOnlyList<int> Queue);
