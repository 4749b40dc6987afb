using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Runtime;

/// <summary>What became of a delivery.</summary>
/// <param name="Refusal">Null when all of its events were taken.</param>
/// <param name="State">The goal after the batch that the delivery was in.</param>
public readonly record struct Taken(string? Refusal, GoalState? State);

/// <summary>
/// One goal's queue: its events are handled one batch at a time, in the order they came, and whatever came while a batch was being written
/// makes the next batch. <c>closed</c> is told when it ends, with whether it failed. The mailbox closes when the goal is over or only people can move it; the next event opens a new one.
/// </summary>
public sealed class GoalMailbox(GoalId goal, Func<(GoalDriver Driver, GoalWork Work)> open, bool isNew, Func<GoalMailbox, bool, Task> closed)
{
    private readonly Lock gate = new();
    private List<Posted> queue = [];
    private bool draining;
    private bool isClosed;
    private (GoalDriver Driver, GoalWork Work)? hosted;

    public GoalId Goal => goal;

    /// <param name="resume">Also makes sure that the goal's attempts are under way; see <see cref="GoalDriver.Resume"/>.</param>
    /// <returns>False when the mailbox has closed: open another.</returns>
    public bool TryPost(Delivery delivery, out Task<Taken> taken, bool resume = false)
    {
        var posted = new Posted(delivery, resume);
        taken = posted.Done.Task;
        lock (gate)
        {
            if (isClosed) return false;
            queue.Add(posted);
            if (draining) return true;
            draining = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static mailbox => _ = mailbox.Drain(), this, preferLocal: false);
        return true;
    }

    /// <summary>Stops the goal's work here and refuses further posts.</summary>
    public void Close()
    {
        List<Posted> left;
        lock (gate)
        {
            if (isClosed) return;
            isClosed = true;
            left = queue;
            queue = [];
        }

        hosted?.Work.Dispose();
        var stopped = new ObjectDisposedException(nameof(GoalMailbox), "The engine is stopping; the journal has the goal.");
        foreach (var posted in left) posted.Done.TrySetException(stopped);
    }

    private async Task Drain()
    {
        while (true)
        {
            List<Posted> batch;
            lock (gate)
            {
                if (queue.Count == 0)
                {
                    draining = false;
                    if (isClosed || !IsIdle) return;
                    isClosed = true;
                    batch = [];
                }
                else
                {
                    (batch, queue) = (queue, []);
                }
            }

            if (batch.Count == 0)
            {
                hosted?.Work.Dispose();
                await closed(this, false);
                return;
            }

            try
            {
                await Handle(batch);
            }
            catch (Exception e)
            {
                // The driver may be ahead of the journal. Everything here is void; the journal, once it can be read again, says how to go on.
                foreach (var posted in batch) posted.Done.TrySetException(e);
                Fail(e);
                await closed(this, true);
                return;
            }
        }
    }

    private bool IsIdle => hosted is null or { Driver.State: null or { Status: GoalStatus.Completed or GoalStatus.Failed or GoalStatus.Cancelled or GoalStatus.Waiting } };

    private async Task Handle(List<Posted> batch)
    {
        if (hosted is null)
        {
            hosted = open();
            if (!isNew) await hosted.Value.Driver.Load(CancellationToken.None);
        }
        else if (batch.Exists(p => p.Resume))
        {
            hosted.Value.Driver.Resume();
        }

        var refusals = await hosted.Value.Driver.Handle([.. batch.Select(p => p.Delivery)], CancellationToken.None);
        for (var i = 0; i < batch.Count; i++) batch[i].Done.TrySetResult(new Taken(refusals[i], hosted.Value.Driver.State));
    }

    private void Fail(Exception e)
    {
        List<Posted> left;
        lock (gate)
        {
            isClosed = true;
            draining = false;
            left = queue;
            queue = [];
        }

        hosted?.Work.Dispose();
        foreach (var posted in left) posted.Done.TrySetException(e);
    }

    private sealed record Posted(Delivery Delivery, bool Resume)
    {
        public TaskCompletionSource<Taken> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
