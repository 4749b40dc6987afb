using System.Runtime.CompilerServices;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.Remote;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Serving;

/// <summary>
/// One model on one device: admits, orders and accounts for requests; <paramref name="engine"/> answers them. The engine may be a client of a model server
/// on this machine, or batch by itself in this process; it is given at most <see cref="ModelServerOptions.Slots"/> requests at a time, and must end a
/// cancelled one at its next token, since its slot is given on at once. Errors are data, never exceptions. Safe for use in parallel.
/// </summary>
/// <param name="engine">Not owned.</param>
/// <param name="observer">Null for none.</param>
public sealed class ModelServer(ModelServerOptions options, IChatClient engine, TimeProvider time, IServingObserver? observer = null) : IDisposable
{
    private readonly SlotScheduler _slots = new(options, time);
    private readonly ServingRecord _record = new(time);
    private readonly CancellationTokenSource _cut = new();

    public ModelServerOptions Options => options;

    public ServerStats Stats => _record.Stats(options, _slots, ModelCapabilities.Of(engine));

    /// <summary>The whole answer at once.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<InferenceReply> Answer(InferenceRequest request, CancellationToken ct)
    {
        using var call = Begin(request, ct);
        if (await call.Open(_slots) is { } refused) return InferenceReply.Failed(refused);
        try
        {
            observer?.Started(options.Device, request.Tenant, call.Waited);
            var response = await Engine(request).GetResponseAsync(call.Messages, call.ChatOptions, call.Token).OrLeave(call.Token);
            var reply = new InferenceReply(response.ToWire(), null);
            call.Answered(response.Usage, () => response.Messages.Sum(m => Budget.TokenEstimate.Of(m.Contents)));
            return reply;
        }
        catch (Exception e) when (call.Failed(e) is { } error)
        {
            return InferenceReply.Failed(error);
        }
    }

    /// <summary>The answer as it is made. The last update, and only it, has <see cref="InferenceUpdate.Last"/> or <see cref="InferenceUpdate.Error"/>.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async IAsyncEnumerable<InferenceUpdate> Stream(InferenceRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        using var call = Begin(request, ct);
        if (await call.Open(_slots) is { } refused)
        {
            yield return InferenceUpdate.Failed(refused);
            yield break;
        }

        observer?.Started(options.Device, request.Tenant, call.Waited);
        await using var updates = Engine(request).GetStreamingResponseAsync(call.Messages, call.ChatOptions, call.Token).OrLeave(call.Token).GetAsyncEnumerator(call.Token);
        while (true)
        {
            InferenceUpdate next;
            InferenceError? failed = null;
            try
            {
                if (!await updates.MoveNextAsync()) break;
                if (call.Took(updates.Current)) _record.Token();
                next = updates.Current.ToWire();
            }
            catch (Exception e) when ((failed = call.Failed(e)) is not null)
            {
                next = InferenceUpdate.Failed(failed);
            }

            yield return next;
            if (failed is not null) yield break;
        }

        call.Answered();
        yield return InferenceUpdate.End;
    }

    /// <summary>Takes nothing new, hands back what waits, lets what runs come to its end, and cuts it at the limit. Not undone.</summary>
    public async Task<DrainReport> Drain(TimeSpan limit, CancellationToken ct)
    {
        var (handedBack, empty) = _slots.Drain();
        observer?.Draining(options.Device, handedBack);
        try
        {
            await empty.WaitAsync(limit, time, ct);
            return new DrainReport(handedBack, 0);
        }
        catch (TimeoutException)
        {
            var cut = _slots.State.Busy;
            await _cut.CancelAsync();
            return new DrainReport(handedBack, cut);
        }
    }

    /// <summary>Cuts whatever runs, hands back what waits, and refuses what still comes.</summary>
    public void Dispose()
    {
        _slots.Drain();
        // Not disposed of: late requests still link to its token, and without a timer it holds nothing.
        _cut.Cancel();
    }

    private IChatClient Engine(InferenceRequest request) =>
        (engine.GetService(typeof(ITenantEngine)) as ITenantEngine)?.For(request.Tenant, request.Priority) ?? engine;

    private ServedCall Begin(InferenceRequest request, CancellationToken ct) => new(options, request, time, Ended, _cut.Token, ct);

    private void Ended(ServedRequest request, long counted)
    {
        _record.Add(request, counted);
        observer?.Ended(request);
    }
}
