namespace AgentMesh.Grains.Engine;

/// <summary>Settings of the cluster engine. Every default works.</summary>
public sealed record ClusterEngineOptions
{
    /// <summary>Attempts and plannings that run at once on one silo, shared fairly between tenants. Default 256.</summary>
    public int MaxRunning { get; init; } = 256;

    /// <summary>Goals that move at once on one silo; further submits wait. Goals that wait for a person do not count. Default 4096.</summary>
    public int MaxActiveGoals { get; init; } = 4096;

    /// <summary>How long a submit waits for room before it is refused as overloaded. Default 10 s, well below the timeout of a grain call.</summary>
    public TimeSpan SubmitPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Wait before a goal whose journal failed is taken up again. Default 250 ms.</summary>
    public TimeSpan ReloadDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the keepers look for goals that nobody drives. Default and least: 1 minute, as reminders go.</summary>
    public TimeSpan SweepPeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Keepers that share the sweep. Fixed for the life of a cluster. Default 8.</summary>
    public int Keepers { get; init; } = 8;

    /// <summary>How long a stopping silo lets attempts come to their end. Default 25 s, below the host's own limit.</summary>
    public TimeSpan DrainPatience { get; init; } = TimeSpan.FromSeconds(25);
}
