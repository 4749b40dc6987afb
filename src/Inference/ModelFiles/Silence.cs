namespace AgentMesh.Inference.ModelFiles;

/// <summary>Ends a wait for the network when nothing came for a while.</summary>
internal sealed class Silence : IDisposable
{
    private readonly TimeSpan limit;
    private readonly CancellationTokenSource timer;
    private readonly CancellationTokenSource linked;

    public Silence(TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        this.limit = limit;
        timer = new CancellationTokenSource(limit, time);
        linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
    }

    public CancellationToken Token => linked.Token;

    /// <summary>Something came.</summary>
    public void Broken() => timer.CancelAfter(limit);

    public void Dispose()
    {
        linked.Dispose();
        timer.Dispose();
    }
}
