namespace AgentMesh.EngineConformance;

/// <summary>
/// What scripted agents and tools touch outside the mesh: effects that are counted, places they report from, gates they wait at.
/// Names of places and gates begin with the goal's id, so that goals do not meet.
/// </summary>
public interface IWorld
{
    /// <summary>Tells the test that somebody is at this place.</summary>
    Task Arrive(string place, CancellationToken ct);

    /// <summary>Arrives at the gate and goes on when the test has opened it.</summary>
    Task Pass(string gate, CancellationToken ct);

    /// <summary>Does something in the world and counts it.</summary>
    /// <param name="key">The call's idempotency key.</param>
    Task Do(string key, string tool, string text, CancellationToken ct);

    /// <summary>Whether something was done under that key.</summary>
    Task<bool> Happened(string key, CancellationToken ct);
}

/// <summary>What was done under one key.</summary>
/// <param name="Times">Requests that asked for it. A service that knows keys does it once whatever this says.</param>
public sealed record WorldEffect(string Key, string Tool, string Text, int Times);

/// <summary>Finds a world by its address, so that a setup can be told to another process.</summary>
public static class WorldAddress
{
    /// <summary>The environment variable that tells a host process where its world is.</summary>
    public const string Variable = "AGENTMESH_CONFORMANCE_WORLD";

    /// <param name="address"><c>memory:NAME</c> for a <see cref="World"/> of this process, or the URL of a <see cref="WorldServer"/>.</param>
    public static IWorld Connect(string address) =>
        address.StartsWith("memory:", StringComparison.Ordinal) ? World.Find(address) : new WorldClient(new Uri(address));
}
