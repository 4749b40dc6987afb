using AgentMesh.Agents.Models;

namespace AgentMesh.Inference.Routing;

/// <summary>What a device says of itself, or the cluster of it.</summary>
/// <param name="Device">Unique in the cluster.</param>
/// <param name="Models">By the names that requests ask for.</param>
/// <param name="Slots">At least 1.</param>
/// <param name="Alive">False where the cluster declared its machine dead.</param>
public sealed record DeviceState(
    string Device, IReadOnlyList<string> Models, int Slots, int Busy = 0, int Queued = 0, bool Draining = false, bool Alive = true)
{
    /// <summary>What its engine is known to offer.</summary>
    public ModelCapabilities Capabilities { get; init; } = ModelCapabilities.Unknown;
}

/// <summary>How requests are spread.</summary>
public sealed record RouterOptions
{
    /// <summary>How far above its fair share of all requests a device may be before equal prefixes go elsewhere; above 1. Default: 1.25.</summary>
    public double Bound { get; init; } = 1.25;

    /// <summary>Age of a state after which its device is only a last resort. Default: 15s.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Age of a state after which its device does not count. Default: 60s.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For how long a device that failed a request is only a last resort. Default: 5s.</summary>
    public TimeSpan SuspectFor { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>A device as the router sees it.</summary>
/// <param name="Load">Requests there, running and waiting: as reported, and as sent from here since.</param>
/// <param name="Age">Of what the device said last.</param>
public sealed record DeviceView(DeviceState State, int Load, TimeSpan Age, bool Suspect);
