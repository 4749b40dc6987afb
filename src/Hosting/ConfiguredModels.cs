using System.Globalization;
using AgentMesh.Contracts;
using AgentMesh.Inference;
using AgentMesh.Runtime;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Hosting;

/// <summary>The models that this host's settings name: none, one, or a small and a large one.</summary>
public sealed class ConfiguredModels(ModelOptions options, ModelChain chain, decimal inputPrice, decimal outputPrice) : IModels
{
    public string Description => chain.ModelFor(ModelNeed.Large) is not { } large ? "none: every role answers by its rules"
        : chain.ModelFor(ModelNeed.Small) is { } small && small != large ? $"{small} and {large} at {options.Url!.Host}" : $"{large} at {options.Url!.Host}";

    /// <param name="setting">Reads one setting by the name of its environment variable.</param>
    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    public static ConfiguredModels Create(Func<string, string?> setting, TimeProvider time, ILoggerFactory loggers)
    {
        var options = ModelOptions.FromEnvironment(setting);
        return new ConfiguredModels(options, ModelChain.Create(options, time: time, logs: loggers), Price("AGENTMESH_PRICE_INPUT"), Price("AGENTMESH_PRICE_OUTPUT"));

        decimal Price(string variable) => setting(variable) is not { Length: > 0 } text ? 0m
            : decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var price) && price >= 0 ? price
            : throw new FormatException($"{variable} is {text}; it takes a price per million tokens.");
    }

    public string? For(ModelNeed need) => chain.ModelFor(need);

    public IChatClient Client(string model) => chain.Chat(model == chain.ModelFor(ModelNeed.Large) ? ModelNeed.Large : ModelNeed.Small)!;

    public decimal Cost(string model, long inputTokens, long outputTokens) => (inputTokens * inputPrice + outputTokens * outputPrice) / 1_000_000m;
}
