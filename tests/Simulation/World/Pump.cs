namespace AgentMesh.Simulation;

/// <summary>Runs every continuation of one schedule on the thread that owns it, in order. Nothing may come from another thread.</summary>
internal sealed class Pump : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> queue = new();
    private readonly int thread = Environment.CurrentManagedThreadId;

    /// <summary>True when something left the simulated world for the thread pool: the schedule cannot be relied on.</summary>
    public bool Leaked { get; private set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != thread)
        {
            Leaked = true;
            return;
        }

        queue.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public void Run()
    {
        while (queue.TryDequeue(out var next)) next.Callback(next.State);
    }
}
