namespace AgentMesh.Runtime;

/// <summary>Runs background work within a limit; when it is reached, tenants take turns, whoever queued most.</summary>
public sealed class FairScheduler(int limit)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<Func<Task>>> waiting = new(StringComparer.Ordinal);
    private readonly Queue<string> turns = new();
    private int running;

    /// <param name="work">Handles its own failures.</param>
    public void Run(string tenant, Func<Task> work)
    {
        lock (gate)
        {
            if (running >= limit)
            {
                if (!waiting.TryGetValue(tenant, out var queue)) waiting[tenant] = queue = new Queue<Func<Task>>();
                if (queue.Count == 0) turns.Enqueue(tenant);
                queue.Enqueue(work);
                return;
            }

            running++;
        }

        Start(work);
    }

    private void Start(Func<Task> work) =>
        ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.scheduler.Carry(state.work), (scheduler: this, work), preferLocal: false);

    private async Task Carry(Func<Task> work)
    {
        try
        {
            await work();
        }
        finally
        {
            Next();
        }
    }

    private void Next()
    {
        Func<Task> work;
        lock (gate)
        {
            if (!turns.TryDequeue(out var tenant))
            {
                running--;
                return;
            }

            var queue = waiting[tenant];
            work = queue.Dequeue();
            if (queue.Count > 0) turns.Enqueue(tenant);
            else waiting.Remove(tenant);
        }

        Start(work);
    }
}
