using System.Globalization;
using AgentMesh.Contracts;
using AgentMesh.Grains.Inference;
using AgentMesh.Hosting;
using AgentMesh.Inference.InProcess;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Silo;

/// <summary>What the settings make of an inference silo's devices: each with the model server, or the model of this process, that works on it.</summary>
internal sealed partial class InferenceDevices : IDisposable
{
    private const int ServerSlots = 4;

    private readonly List<ConfiguredModels> models = [];

    public List<PoolDevice> All { get; } = [];

    /// <summary>None on a silo without the role, or where no model is configured. Files are loaded once for each device; on the CPU they share their pages.</summary>
    /// <exception cref="Inference.ModelFiles.ModelFileException">A model's file cannot be served.</exception>
    public static async Task<InferenceDevices> Open(SiloSettings settings, Func<string, string?> setting, ILoggerFactory loggers, CancellationToken ct)
    {
        var devices = new InferenceDevices();
        if (!settings.Roles.Contains("inference", StringComparer.Ordinal)) return devices;
        var log = loggers.CreateLogger<InferenceDevices>();
        try
        {
            foreach (var (name, url) in settings.Devices) await devices.Add(name, url, settings, setting, loggers, log, ct);
            return devices;
        }
        catch
        {
            devices.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var each in models) each.Dispose();
    }

    private async Task Add(string name, string? url, SiloSettings settings, Func<string, string?> setting, ILoggerFactory loggers, ILogger log, CancellationToken ct)
    {
        var configured = ConfiguredModels.Create(Setting, TimeProvider.System, loggers);
        models.Add(configured);
        if (configured.For(ModelNeed.Large) is not { } model) return;
        await configured.Load(step => Report(log, step), ct);
        var engine = configured.Engine(model);
        All.Add(new PoolDevice(name, model, settings.Tier, settings.Slots ?? engine?.Slots ?? ServerSlots, engine?.Chat ?? configured.Client(model)));

        string? Setting(string variable) => variable switch
        {
            "AGENTMESH_MODEL_URL" => url ?? setting(variable),
            // A device that has its own server has all of its slots there, too.
            "AGENTMESH_MODEL_CONCURRENCY" => setting(variable) ?? (settings.Slots ?? ServerSlots).ToString(CultureInfo.InvariantCulture),
            "AGENTMESH_DEVICES" => name,
            // One model for a device; embeddings are the business of the silos that agents and the API are on.
            "AGENTMESH_MODEL_SMALL" or "AGENTMESH_EMBEDDINGS" => null,
            _ => setting(variable),
        };
    }

    /// <summary>For hosts that log the loading of their models.</summary>
    internal static void Report(ILogger log, ModelLoading step)
    {
        if (step is ModelLoading.Began began) LogLoads(log, began.Model, began.Bytes / 1_000_000);
        if (step is ModelLoading.Done done) LogLoaded(log, done.Model, done.Description, done.Device, done.Cells, done.Took.TotalSeconds);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Loading {Model} ({Megabytes} MB)")]
    private static partial void LogLoads(ILogger log, string model, long megabytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model}: {Description} on {Device}, {Cells} tokens of context, loaded in {Seconds:0.0} s")]
    private static partial void LogLoaded(ILogger log, string model, string description, string device, int cells, double seconds);
}
