using System.Runtime.CompilerServices;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime.InMemory;

/// <summary>An inbox that lasts as long as its process: for tests and simulation.</summary>
public sealed class InMemoryInbox(TimeProvider time) : IInbox
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, InboxItem> _items = [];
    private TaskCompletionSource _posted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last;

    public Task Post(GoalId goal, GoalEvent @event, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        TaskCompletionSource posted;
        lock (_lock)
        {
            _items.Add(++_last, new(_last, goal, @event, time.GetUtcNow()));
            (posted, _posted) = (_posted, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        posted.SetResult();
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<InboxItem> Listen([EnumeratorCancellation] CancellationToken ct = default)
    {
        for (var seen = 0L; ;)
        {
            InboxItem[] items;
            Task posted;
            lock (_lock)
            {
                items = [.. _items.Values.Where(i => i.Id > seen)];
                posted = _posted.Task;
            }
            foreach (var item in items)
            {
                seen = item.Id;
                yield return item;
            }
            await posted.WaitAsync(ct);
        }
    }

    public Task Done(long id, CancellationToken ct = default)
    {
        lock (_lock) _items.Remove(id);
        return Task.CompletedTask;
    }
}
