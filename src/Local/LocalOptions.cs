namespace AgentMesh.Local;

/// <summary>Settings of the single-process engine. Every default works.</summary>
public sealed record LocalOptions
{
    /// <summary>Attempts and plannings that run at once, shared fairly between tenants. Default 256.</summary>
    public int MaxRunning { get; init; } = 256;

    /// <summary>Goals that move at once; further submits wait. Goals that wait for a person do not count. Default 4096.</summary>
    public int MaxActiveGoals { get; init; } = 4096;

    /// <summary>How long a submit waits for room before it is refused as overloaded. Default 30 s.</summary>
    public TimeSpan SubmitPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Wait before a goal whose journal failed is loaded again. Default 250 ms.</summary>
    public TimeSpan ReloadDelay { get; init; } = TimeSpan.FromMilliseconds(250);
}
