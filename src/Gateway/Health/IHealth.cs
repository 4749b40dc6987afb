namespace AgentMesh.Gateway.Health;

/// <summary>What an orchestrator of containers asks: startup (may the others be asked yet?), ready (send requests?), live (restart it?).</summary>
public enum HealthProbe
{
    Startup,
    Ready,
    Live,
}

/// <summary>How the host is. Called every few seconds by each prober; answers quickly, and never throws for being unwell.</summary>
public interface IHealth
{
    ValueTask<HealthReport> Check(HealthProbe probe, CancellationToken ct);
}

public sealed record HealthReport(bool Healthy, IReadOnlyList<HealthCheck> Checks)
{
    public static HealthReport Of(params IReadOnlyList<HealthCheck> checks) => new(checks.All(c => c.Healthy), checks);
}

/// <param name="Detail">What is wrong and what to do, or how it stands.</param>
public sealed record HealthCheck(string Name, bool Healthy, string Detail);
