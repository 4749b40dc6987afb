using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using AgentMesh.Inference.Remote;
using AgentMesh.Inference.Routing;
using AgentMesh.Inference.Serving;
using AgentMesh.Inference.Tests.Serving;
using AgentMesh.ScriptedModel;

namespace AgentMesh.Inference.Tests.Routing;

/// <summary>Devices in this process with the wire between them: everything is written and read as it would be between machines.</summary>
internal sealed class Pool : IInferenceDevices, IDisposable
{
    private readonly Dictionary<string, ModelServer> _servers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _power = new(StringComparer.Ordinal);

    public Pool(int devices, int slots = 1, int queue = 256, Func<RoutedOptions, RoutedOptions>? change = null)
    {
        Router = new InferenceRouter(new RouterOptions(), Time);
        for (var i = 0; i < devices; i++) Add($"gpu{i}", slots, queue);
        var options = new RoutedOptions("m", "t");
        Client = new RoutedChatClient(Router, this, change?.Invoke(options) ?? options, Time, () => 0);
    }

    public ManualTime Time { get; } = new();
    public InferenceRouter Router { get; }
    public RoutedChatClient Client { get; }
    public Dictionary<string, ManualEngine> Engines { get; } = new(StringComparer.Ordinal);

    /// <summary>Where requests were sent, in order.</summary>
    public ConcurrentQueue<string> Sent { get; } = [];

    /// <summary>Streams of these devices end without a word after this many updates.</summary>
    public int? CutAfter { get; set; }

    public ModelServer Server(string device) => _servers[device];

    public void Add(string device, int slots = 1, int queue = 256)
    {
        Engines[device] = new ManualEngine();
        _servers[device] = new ModelServer(new ModelServerOptions(device, "m", slots) { QueueLimit = queue }, Engines[device], Time);
        _power[device] = new CancellationTokenSource();
        Router.Update(new DeviceState(device, ["m"], slots));
    }

    /// <summary>As kill -9: calls break off, new ones find nobody.</summary>
    public void Kill(string device) => _power[device].Cancel();

    public async Task<InferenceReply> Send(string device, InferenceRequest request, CancellationToken ct)
    {
        Sent.Enqueue(device);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _power[device].Token);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            var reply = await _servers[device].Answer(InferenceJson.ReadRequest(InferenceJson.Write(request)), either.Token);
            return InferenceJson.ReadReply(InferenceJson.Write(reply));
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new IOException("The connection was reset.", e);
        }
    }

    public async IAsyncEnumerable<InferenceUpdate> Stream(string device, InferenceRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        Sent.Enqueue(device);
        var left = CutAfter;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _power[device].Token);
        await foreach (var update in _servers[device].Stream(InferenceJson.ReadRequest(InferenceJson.Write(request)), either.Token))
        {
            if (left-- == 0) yield break;
            yield return InferenceJson.ReadUpdate(InferenceJson.Write(update));
        }
    }

    public void Dispose()
    {
        foreach (var server in _servers.Values) server.Dispose();
        foreach (var power in _power.Values) power.Dispose();
    }
}
