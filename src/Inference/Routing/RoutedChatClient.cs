using System.Runtime.CompilerServices;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.Remote;
using AgentMesh.Inference.Serving;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Routing;

/// <summary>
/// A chat client over the inference pool. It moves on when a device refuses, is gone, or dies before anything reached the caller, and waits where no
/// device serves the model now; its caller notices more latency and nothing else. It throws only <see cref="ModelException"/>, or
/// <see cref="OperationCanceledException"/> when its caller gave up. A device that was declared dead may still be at work, cut off from us: model calls
/// are at least once. Safe for use in parallel.
/// </summary>
/// <param name="jitter">Gives numbers from 0 up to 1; spreads callers that were refused together.</param>
public sealed class RoutedChatClient(
    InferenceRouter router, IInferenceDevices devices, RoutedOptions options, TimeProvider time, Func<double> jitter) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var journey = Begin(messages, options, cancellationToken);
        while (true)
        {
            using var stop = await journey.Next();
            InferenceReply reply;
            try
            {
                reply = await devices.Send(stop.Device, stop.Request, stop.Token).OrLeave(stop.Token);
            }
            catch (Exception e) when (journey.Error(e, stop.Device) is { } error)
            {
                reply = InferenceReply.Failed(error);
            }

            if (reply is { Error: null, Answer: { } answer }) return answer.FromWire();
            journey.Failed(stop.Device, reply.Error ?? Journey.Gone(stop.Device));
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var journey = Begin(messages, options, cancellationToken);
        while (true)
        {
            using var stop = await journey.Next();
            // What says nothing yet (a role, an id) is held back: as long as the caller has seen nothing, another device may begin anew.
            List<InferenceUpdate> held = [];
            var passed = false;
            InferenceError? error = null;
            await using var updates = Open(stop).OrLeave(stop.Token).GetAsyncEnumerator(stop.Token);
            while (error is null)
            {
                try
                {
                    if (await updates.MoveNextAsync()) held.Add(updates.Current);
                    else error = Journey.Gone(stop.Device);
                }
                catch (Exception e) when ((error = journey.Error(e, stop.Device)) is not null)
                {
                    break;
                }

                error ??= held[^1].Error;
                if (error is not null || (!passed && held[^1] is { Last: false } last && SaysNothing(last))) continue;
                passed = true;
                foreach (var update in held)
                {
                    if (update.Last) yield break;
                    yield return update.FromWire();
                }

                held.Clear();
            }

            if (passed) throw journey.Thrown(error! with { Message = $"The answer broke off after its first part was passed on: {error.Message}", TokensMayBeSpent = true });
            journey.Failed(stop.Device, error!);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ModelCapabilities) ? router.Capabilities(options.Model)
        : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private Journey Begin(IEnumerable<ChatMessage> messages, ChatOptions? wanted, CancellationToken ct)
    {
        var sent = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var request = RequestConversion.ToWire(sent, wanted, options.Model, options.Tenant, options.Priority);
        return new Journey(router, options, request, PrefixHash.Of(sent, wanted), time, jitter, ct);
    }

    /// <summary>Also what a port throws before it gives a stream belongs to the stream.</summary>
    private async IAsyncEnumerable<InferenceUpdate> Open(Journey.Stop stop)
    {
        await foreach (var update in devices.Stream(stop.Device, stop.Request, stop.Token)) yield return update;
    }

    private static bool SaysNothing(InferenceUpdate update) => update.Parts.All(p => p is InferencePart.Text { Value: "" });
}
