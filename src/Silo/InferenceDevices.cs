using AgentMesh.Contracts;
using AgentMesh.Grains.Inference;
using AgentMesh.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Silo;

/// <summary>What the settings make of an inference silo's devices: each with the model server that works on it.</summary>
internal static class InferenceDevices
{
    /// <summary>None on a silo without the role, or where no model is configured.</summary>
    public static IReadOnlyList<PoolDevice> Of(SiloSettings settings, Func<string, string?> setting, ILoggerFactory loggers) =>
        settings.Roles.Contains("inference", StringComparer.Ordinal)
            ? [.. settings.Devices.Select(d => Device(d.Name, d.Url, settings, setting, loggers)).OfType<PoolDevice>()]
            : [];

    private static PoolDevice? Device(string name, string? url, SiloSettings settings, Func<string, string?> setting, ILoggerFactory loggers)
    {
        var models = ConfiguredModels.Create(Setting, TimeProvider.System, loggers);
        return models.For(ModelNeed.Large) is { } model ? new PoolDevice(name, model, settings.Tier, settings.Slots, models.Client(model)) : null;

        // A device that has its own server has all of its slots there, too.
        string? Setting(string variable) => variable switch
        {
            "AGENTMESH_MODEL_URL" => url ?? setting(variable),
            "AGENTMESH_MODEL_CONCURRENCY" => setting(variable) ?? settings.Slots.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => setting(variable),
        };
    }
}
