using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using AgentMesh.Agents.Models;
using AgentMesh.Grains.Placement;
using AgentMesh.Inference.Remote;
using AgentMesh.Inference.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace AgentMesh.Grains.Inference;

/// <summary>
/// Keeps this silo's router up to date: asks every device of the pool every two seconds how it stands, and takes those of a dead silo out at once,
/// which has their requests move on. Also the way to them.
/// </summary>
internal sealed partial class InferenceDirectory(
    IClusterMembershipService membership, ISiloMetadataCache metadata, IGrainFactory grains, InferenceRouter router, TimeProvider time, ILogger<InferenceDirectory> log)
    : BackgroundService, IInferenceDevices
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Model, string Tier), long> declared = new();

    /// <summary>
    /// Models of the pool by the need that they serve, as the silos in service declare them now. Each look remembers what it saw: a model whose last
    /// silo has gone stays for ten minutes, so that while that silo restarts, agents wait for it rather than do without.
    /// </summary>
    public IReadOnlyCollection<(string Model, string Tier)> LookForModels()
    {
        var now = time.GetTimestamp();
        foreach (var model in Silos(SiloStatus.Active).SelectMany(s => s.Facts.Models)) declared[Declared(model)] = now;
        return [.. declared.Where(d => time.GetElapsedTime(d.Value, now) < Remembered).Select(d => d.Key)];
    }

    /// <summary>How a silo declares a model.</summary>
    public static string Declaration(PoolDevice device) => $"{device.Tier}:{device.Model}";

    public async Task<InferenceReply> Send(string device, InferenceRequest request, CancellationToken ct) =>
        InferenceJson.ReadReply((await Grain(device).Send(new(InferenceJson.Write(request)), ct)).Json);

    public async IAsyncEnumerable<InferenceUpdate> Stream(string device, InferenceRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var update in Grain(device).Stream(new(InferenceJson.Write(request)), ct).WithCancellation(ct)) yield return InferenceJson.ReadUpdate(update.Json);
    }

    /// <summary>Asks every device now.</summary>
    public async Task Refresh(CancellationToken ct)
    {
        var serving = Devices(SiloStatus.Active);
        // What runs on a silo that drains comes to its end there.
        var leaving = Devices(SiloStatus.ShuttingDown, SiloStatus.Stopping);
        foreach (var device in leaving) router.Drains(device);
        foreach (var gone in known.Except(serving.Concat(leaving), StringComparer.Ordinal).ToList())
        {
            known.Remove(gone);
            router.Remove(gone);
        }

        known.UnionWith(serving);
        await Task.WhenAll(serving.Select(d => Ask(d, ct)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var updates = membership.MembershipUpdates.GetAsyncEnumerator(stoppingToken);
            await using (updates)
            {
                var changed = updates.MoveNextAsync().AsTask();
                while (true)
                {
                    await Refresh(stoppingToken);
                    if (await Task.WhenAny(changed, Task.Delay(Period, time, stoppingToken)) == changed && await changed) changed = updates.MoveNextAsync().AsTask();
                    stoppingToken.ThrowIfCancellationRequested();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private async Task Ask(string device, CancellationToken ct)
    {
        try
        {
            var report = await Grain(device).State().WaitAsync(Patience, time, ct);
            router.Update(new DeviceState(device, [report.Model], report.Slots, report.Busy, report.Queued, report.Draining)
            {
                Capabilities = new ModelCapabilities(report.NativeTools, report.JsonSchema),
            });
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            // The router trusts an old state less and less.
            LogSilent(log, device, e.Message);
        }
    }

    private HashSet<string> Devices(params SiloStatus[] statuses) =>
        Silos(statuses).SelectMany(s => s.Facts.Devices.Select(d => PlacedAt.Key(s.Silo, d))).ToHashSet(StringComparer.Ordinal);

    private IEnumerable<(SiloAddress Silo, SiloFacts Facts)> Silos(params SiloStatus[] statuses) => membership.CurrentSnapshot.Members.Values
        .Where(m => statuses.Contains(m.Status))
        .Select(m => (m.SiloAddress, SiloFacts.Of(metadata.GetSiloMetadata(m.SiloAddress))))
        .Where(s => s.Item2.Devices.Count > 0);

    private static (string Model, string Tier) Declared(string text) => text.Split(':', 2) is [var tier, var model] ? (model, tier) : (text, "large");

    private IInferenceGrain Grain(string device) => grains.GetGrain<IInferenceGrain>(device);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The device {Device} does not answer: {Reason}")]
    private static partial void LogSilent(ILogger log, string device, string reason);
}
