namespace AgentMesh.GrainInterfaces.Security;

/// <summary>How often a client that starts tries again: as Orleans does where no silo answers, not at all where one has refused it.</summary>
internal sealed class ClientPatience(TimeProvider time) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1.5);
    private int attempts;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (++attempts > MostAttempts(exception)) return false;
        await Task.Delay(Step * attempts, time, cancellationToken);
        return true;
    }

    private static int MostAttempts(Exception exception) => MeshClientSecurity.RefusalIn(exception) is { } refusal
        ? refusal.Code == ClientProof.Closed ? 3 : 0
        : exception is OrleansException or TimeoutException ? 15 : 0;
}
