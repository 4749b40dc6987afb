using AgentMesh.Inference.Serving;

namespace AgentMesh.Inference.Decoding;

/// <summary>Who waits for the batch: bounded, fair between tenants. Thread-safe.</summary>
internal sealed class DecodeQueue(DecodeOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly FairQueue _queue = new(options.Weight);
    private long _numbers;
    private bool _closed;

    public int Count
    {
        get { lock (_gate) return _queue.Count; }
    }

    /// <returns>The request; and who had to go for it, from the tenant that has the most waiting.</returns>
    /// <exception cref="QueueFullException">No room, also not in another tenant's place.</exception>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public (WaitingRequest Request, WaitingRequest? PushedOut) Add(Generation generation)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(DecodeLoop));
            WaitingRequest? pushed = null;
            if (_queue.Count >= options.QueueLimit && (pushed = (WaitingRequest?)_queue.PushOut(generation.Request.Tenant)) is null)
                throw new QueueFullException(options.QueueLimit);
            var order = time.GetUtcNow().UtcTicks - (long)generation.Request.Priority * options.HeadStart.Ticks;
            var request = new WaitingRequest(generation, time.GetTimestamp(), order, ++_numbers);
            _queue.Add(request);
            return (request, pushed);
        }
    }

    /// <summary>Takes a request out that gave up. False: it is in the batch, or was.</summary>
    public bool Remove(WaitingRequest request)
    {
        lock (_gate) return _queue.Remove(request, request.Before?.Count ?? 0);
    }

    /// <summary>Who is next. An eighth of the places is for others than the tenant with the most, once any have been here.</summary>
    /// <param name="places">Of the batch.</param>
    public WaitingRequest? Peek(int places)
    {
        lock (_gate) return (WaitingRequest?)_queue.Peek(MostOfOne(places));
    }

    /// <summary>Takes out this request, which is the next one. False: someone else is by now, or it gave up.</summary>
    public bool Take(WaitingRequest request, int places)
    {
        lock (_gate)
        {
            if (_queue.Peek(MostOfOne(places)) != request) return false;
            _queue.Next(MostOfOne(places));
            return true;
        }
    }

    /// <summary>Whether several tenants have been here since last nobody was.</summary>
    public bool IsShared
    {
        get { lock (_gate) return _queue.Tenants > 1; }
    }

    /// <summary>Whether a request's tenant has more than its most in the batch.</summary>
    public bool IsCrowding(WaitingRequest request, int places)
    {
        lock (_gate) return _queue.Running(request.Tenant) > MostOfOne(places);
    }

    /// <summary>Lets a request of the batch wait again. False: it gave up before it did, and nobody but the batch knows of it.</summary>
    public bool PutBack(WaitingRequest request)
    {
        lock (_gate)
        {
            // Who gives up says so first and then looks for itself here: one of the two sees the other.
            if (request.Generation.IsCancelled) return false;
            _queue.PutBack(request);
            return true;
        }
    }

    public void Ended(WaitingRequest request, long used)
    {
        lock (_gate) _queue.Ended(request, used);
    }

    /// <summary>Takes nothing new.</summary>
    /// <returns>Who waited.</returns>
    public IReadOnlyList<WaitingRequest> Close()
    {
        lock (_gate)
        {
            _closed = true;
            return [.. _queue.TakeAll().Cast<WaitingRequest>()];
        }
    }

    private int MostOfOne(int places) => _queue.Tenants > 1 ? places - (places / 8) : places;
}

/// <summary>As many requests wait as may; try later or elsewhere.</summary>
public sealed class QueueFullException(int limit) : Exception($"{limit} requests wait already; try again later or elsewhere.");

/// <summary>The request can never fit the pool.</summary>
public sealed class PromptTooLongException(int prompt, int answer, int cells)
    : Exception($"The prompt has {prompt} tokens and asks for up to {answer} more; the context has {cells}. Shorten the prompt, ask for less, or give the model a larger context.");
