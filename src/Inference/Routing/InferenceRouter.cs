using AgentMesh.Agents.Models;

namespace AgentMesh.Inference.Routing;

/// <summary>
/// Knows the devices and says which to try, in order: those that serve the model; among them the owner of the shared prefix, or the next in its line
/// that is not over its bound; then the least loaded. The host keeps it up to date. No I/O; safe for use in parallel.
/// </summary>
public sealed class InferenceRouter(RouterOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _devices = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>What a device says now. Calls to one that is not alive any more end as if it had failed them.</summary>
    public void Update(DeviceState state)
    {
        Entry entry;
        CancellationTokenSource? gone = null;
        lock (_gate)
        {
            if (!_devices.TryGetValue(state.Device, out var known)) _devices[state.Device] = known = new Entry(state);
            entry = known;
            var served = entry.State is { Alive: true, Draining: false } && entry.Seen is not null;
            (entry.State, entry.Seen, entry.SentThen) = (state, time.GetTimestamp(), entry.Sent);
            if (!state.Alive) gone = Retire(entry);
            if (state is { Alive: true, Draining: false } && !served) Signal();
        }

        gone?.Cancel();
    }

    /// <summary>The device left the cluster.</summary>
    public void Remove(string device)
    {
        CancellationTokenSource? gone = null;
        lock (_gate)
            if (_devices.Remove(device, out var entry)) gone = Retire(entry);
        gone?.Cancel();
    }

    /// <summary>The devices that serve a model now, the one to try first at the front; empty where there is none.</summary>
    /// <param name="prefix">See <see cref="PrefixHash"/>; null where the request shares nothing.</param>
    public IReadOnlyList<string> Route(string model, ulong? prefix)
    {
        List<DeviceView> able;
        lock (_gate)
            able = [.. _devices.Values.Select(View).Where(d => d.Age < options.ForgetAfter && d.State is { Alive: true, Draining: false } && d.State.Models.Contains(model))];
        if (able.Count == 0) return [];
        var sound = able.Where(d => !d.Suspect && d.Age < options.StaleAfter).ToList();
        // Where nothing better is known, last resorts are all there is.
        if (sound.Count == 0) sound = able;
        var owner = prefix is { } shared ? Owner(sound, shared) : null;
        return
        [
            .. able
                .OrderBy(d => d == owner ? 0 : sound.Contains(d) ? 1 : 2)
                .ThenBy(d => d.Load / (double)Slots(d))
                // Ties differ by prefix, so that a quiet pool does not send everything to its first device.
                .ThenByDescending(d => Rendezvous.Score(prefix ?? 0, d.State.Device, Slots(d)))
                .Select(d => d.State.Device),
        ];
    }

    /// <summary>What the devices of a model offer, as far as one of them knows.</summary>
    public ModelCapabilities Capabilities(string model)
    {
        lock (_gate)
            return _devices.Values.Where(e => e.State.Alive && e.State.Models.Contains(model)).Select(e => e.State.Capabilities)
                .FirstOrDefault(c => c != ModelCapabilities.Unknown, ModelCapabilities.Unknown);
    }

    public IReadOnlyList<DeviceView> Devices
    {
        get { lock (_gate) return [.. _devices.Values.Select(View).OrderBy(d => d.State.Device, StringComparer.Ordinal)]; }
    }

    /// <summary>Counts a request as sent, until it is ended; the reports of the devices come too seldom to route by them alone.</summary>
    public Sending Send(string device)
    {
        lock (_gate)
        {
            if (!_devices.TryGetValue(device, out var entry)) return new Sending(this, null, new CancellationToken(canceled: true));
            entry.Sent++;
            return new Sending(this, entry, entry.Gone.Token);
        }
    }

    /// <summary>The device refused because it drains: no more until it says otherwise.</summary>
    public void Drains(string device)
    {
        lock (_gate)
            if (_devices.TryGetValue(device, out var entry)) entry.State = entry.State with { Draining = true };
    }

    /// <summary>The device failed a request in a way that may be its own fault.</summary>
    public void Failed(string device)
    {
        lock (_gate)
            if (_devices.TryGetValue(device, out var entry)) entry.FailedAt = time.GetTimestamp();
    }

    /// <summary>Completes when a device takes requests that took none before. Ask for it before <see cref="Route"/>, so that nothing falls in between.</summary>
    public Task Changed
    {
        get { lock (_gate) return _changed.Task; }
    }

    /// <summary>
    /// The first in the prefix's line with room under its bound: its part, by slots, of all requests and this one, times the bound.
    /// The parts sum up to more than all requests, so one always has room.
    /// </summary>
    private DeviceView? Owner(List<DeviceView> devices, ulong prefix)
    {
        double slots = devices.Sum(Slots);
        double load = devices.Sum(d => d.Load) + 1;
        return devices.OrderByDescending(d => Rendezvous.Score(prefix, d.State.Device, Slots(d)))
            .FirstOrDefault(d => d.Load < Math.Ceiling(Math.Max(1, options.Bound) * load * Slots(d) / slots));
    }

    private static int Slots(DeviceView device) => Math.Max(1, device.State.Slots);

    private DeviceView View(Entry entry) => new(
        entry.State,
        // A report counts what it saw; what was sent or ended here since then is added. What was sent from here is there in any case.
        Math.Max(entry.Sent, entry.State.Busy + entry.State.Queued + entry.Sent - entry.SentThen),
        entry.Seen is { } seen ? time.GetElapsedTime(seen) : TimeSpan.Zero,
        entry.FailedAt is { } failed && time.GetElapsedTime(failed) < options.SuspectFor);

    private static CancellationTokenSource Retire(Entry entry)
    {
        var gone = entry.Gone;
        entry.Gone = new CancellationTokenSource();
        return gone;
    }

    private void Signal()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void End(Entry entry)
    {
        lock (_gate) entry.Sent--;
    }

    /// <summary>One request on its way to a device. Dispose of it once, when the request has ended there.</summary>
    public sealed class Sending : IDisposable
    {
        private readonly InferenceRouter _router;
        private Entry? _entry;

        internal Sending(InferenceRouter router, object? entry, CancellationToken gone) => (_router, _entry, Gone) = (router, (Entry?)entry, gone);

        /// <summary>Cancelled when the device is declared dead or leaves: there is no answer to wait for.</summary>
        public CancellationToken Gone { get; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _entry, null) is { } entry) _router.End(entry);
        }
    }

    private sealed class Entry(DeviceState state)
    {
        public DeviceState State { get; set; } = state;
        public long? Seen { get; set; }
        public long? FailedAt { get; set; }
        public int Sent { get; set; }

        /// <summary>How many of those sent from here were there when it last reported.</summary>
        public int SentThen { get; set; }

        public CancellationTokenSource Gone { get; set; } = new();
    }
}
