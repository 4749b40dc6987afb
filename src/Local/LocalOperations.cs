using AgentMesh.Contracts;
using AgentMesh.Runtime.Activity;

namespace AgentMesh.Local;

/// <summary>The single process as a cluster of one: what it runs, what it did in the last hour, and why it cannot be drained.</summary>
/// <param name="name">What the process is called; also its recorder's name.</param>
/// <param name="roles">What it is for: <c>agents</c>, and <c>gateway</c> where it serves the API.</param>
/// <param name="version">Of its program.</param>
public sealed class LocalOperations(string name, IReadOnlyList<string> roles, string version, DateTimeOffset startedAt, ActivityRecorder activity) : IOperations
{
    public const string Cluster = "local";

    public Task<ClusterView> Status(CancellationToken ct = default) => Task.FromResult(new ClusterView(
        Cluster,
        [
            new SiloView(
                name, $"process {Environment.ProcessId}", SiloStatus.Active, roles, version, startedAt, activity.GoalsMoving, activity.Grains.Sum(g => g.Activations),
                activity.MemoryBytes, []),
        ]));

    /// <exception cref="MeshException">Always: nothing else could take its goals over. Stopping it is as safe.</exception>
    public Task Drain(string silo, CancellationToken ct = default) => throw (silo == name
        ? new MeshException(
            "last-silo", $"{name} is a single process: nothing would drive the goals. To stop it, end it with Ctrl-C or SIGTERM; its goals go on from the journal when it starts again.")
        : new MeshException("silo-not-found", $"There is no silo {silo} in service. There is one: {name}."));

    public Task<ActivityView> Activity(TimeSpan window, CancellationToken ct = default) => Task.FromResult(activity.Snapshot(window));
}
