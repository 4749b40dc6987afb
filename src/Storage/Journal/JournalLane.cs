using System.Threading.Channels;
using AgentMesh.Runtime;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AgentMesh.Storage.Journal;

/// <summary>
/// Writes the appends of its share of goals over one connection. Whenever it is idle it takes all that waits and writes it with one commit; there
/// is no timer. While the store is away it tries again and again; its queue is bounded, so callers wait.
/// </summary>
internal sealed partial class JournalLane : IAsyncDisposable
{
    private const int MaxBatch = 256;
    private const int MaxBatchBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<PendingAppend> _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PendingAppend> _later = [];
    private readonly List<PendingAppend> _batch = [];
    private readonly HashSet<string> _goals = [];
    private readonly HashSet<string> _won = [];
    private readonly Task _work;
    private AppendCommand? _command;

    public JournalLane(NpgsqlDataSource source, int queue, TimeProvider time, ILogger logger)
    {
        (_source, _time, _logger) = (source, time, logger);
        _queue = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(queue) { SingleReader = true });
        _work = Task.Run(Work);
    }

    /// <summary>What keeps the lane from writing at present; null when nothing does.</summary>
    public Exception? Trouble { get; private set; }

    /// <summary>Waits for a place in the queue.</summary>
    /// <exception cref="ChannelClosedException">The lane is closed.</exception>
    public ValueTask Enqueue(PendingAppend append, CancellationToken ct) => _queue.Writer.WriteAsync(append, ct);

    /// <summary>Writes what is queued, within a few seconds, and fails the rest.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_queue.Writer.TryComplete()) return;
        _stop.CancelAfter(DrainPatience);
        await _work;
        if (_command is not null) await _command.DisposeAsync();
        _stop.Dispose();
    }

    private async Task Work()
    {
        try
        {
            while (_later.Count > 0 || await _queue.Reader.WaitToReadAsync(_stop.Token))
            {
                Gather();
                await Write();
            }
        }
        catch (Exception end)
        {
            // Only a stop leads here; the waiting callers must hear of it whatever it is.
            var why = end is OperationCanceledException ? new JournalUnavailableException("The journal was closed before this append was written.") : end;
            _queue.Writer.TryComplete(why);
            foreach (var append in _batch.Concat(_later)) append.Fail(why);
            while (_queue.Reader.TryRead(out var append)) append.Fail(why);
        }
    }

    /// <summary>Takes what waits, each goal once: a second append of a goal must see the first one's row.</summary>
    private void Gather()
    {
        _batch.Clear();
        _goals.Clear();
        var bytes = 0;
        _later.RemoveAll(Take);
        while (_later.Count < MaxBatch && _batch.Count < MaxBatch && bytes < MaxBatchBytes && _queue.Reader.TryRead(out var append))
            if (!Take(append)) _later.Add(append);

        // One order in all hosts: two that fight over the same goals cannot deadlock.
        _batch.Sort((a, b) => string.CompareOrdinal(a.Goal.Value, b.Goal.Value));

        bool Take(PendingAppend append)
        {
            if (append.Abandoned) return true;
            if (_batch.Count >= MaxBatch || bytes >= MaxBatchBytes || !_goals.Add(append.Goal.Value)) return false;
            _batch.Add(append);
            bytes += append.Entries.Length;
            return true;
        }
    }

    private async Task Write()
    {
        for (var attempt = 0; _batch.Count > 0; attempt++)
        {
            try
            {
                await Execute(_batch);
                Trouble = null;
                return;
            }
            catch (Exception trouble) when (!_stop.IsCancellationRequested && StoreTrouble.MayPass(trouble))
            {
                if (Trouble is null) LogAway(_logger, StoreTrouble.Describe(trouble));
                Trouble = trouble;
                await Disconnect();
                await Task.Delay(StoreTrouble.Pause(attempt), _time, _stop.Token);
                _batch.RemoveAll(a => a.Abandoned);
            }
            catch (Exception refused) when (!_stop.IsCancellationRequested)
            {
                await Disconnect();
                if (_batch.Count == 1)
                {
                    _batch[0].Fail(new JournalUnavailableException($"The append to goal {_batch[0].Goal} cannot be stored. {StoreTrouble.Describe(refused)}", refused));
                    return;
                }
                // One of them cannot be stored: each goes alone, so that the others do.
                foreach (var append in _batch.ToArray())
                {
                    _batch.Clear();
                    _batch.Add(append);
                    await Write();
                }
                return;
            }
        }
    }

    private async Task Execute(List<PendingAppend> batch)
    {
        _command ??= await AppendCommand.Open(_source, _stop.Token);
        _won.Clear();
        await _command.Execute(batch, _won, _stop.Token);
        foreach (var append in batch)
        {
            switch (_won.Contains(append.Goal.Value) ? AppendFate.Stored : await _command.Fate(append, _stop.Token))
            {
                case AppendFate.Stored:
                    append.Complete();
                    break;
                case AppendFate.Retired:
                    append.Fail(new RetiredWriterException(append.Goal, append.Writer));
                    break;
                case AppendFate.Unregistered:
                    _later.Add(append);
                    break;
                default:
                    append.Fail(new StaleWriterException(append.Goal, append.Expected));
                    break;
            }
        }
    }

    private async Task Disconnect()
    {
        if (_command is null) return;
        var command = _command;
        _command = null;
        try
        {
            await command.DisposeAsync();
        }
        catch (Exception broken) when (StoreTrouble.MayPass(broken))
        {
            // The connection was broken already.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The journal waits for its store. {Trouble}")]
    private static partial void LogAway(ILogger logger, string trouble);
}
