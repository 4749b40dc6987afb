using System.Globalization;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.Inference;
using AgentMesh.Runtime;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Cli.Hosting;

/// <summary>The models that this host's settings name: none, one, or a small and a large one.</summary>
internal sealed class ConfiguredModels(ModelOptions options, ModelChain chain, decimal inputPrice, decimal outputPrice) : IModels
{
    public string Description => chain.ModelFor(ModelNeed.Large) is not { } large ? "none: every role answers by its rules"
        : chain.ModelFor(ModelNeed.Small) is { } small && small != large ? $"{small} and {large} at {options.Url!.Host}" : $"{large} at {options.Url!.Host}";

    public static ConfiguredModels Create(Terminal terminal, ILoggerFactory loggers)
    {
        var options = ModelOptions.FromEnvironment(terminal.Environment);
        return new ConfiguredModels(options, ModelChain.Create(options, time: terminal.Time, logs: loggers), Price("AGENTMESH_PRICE_INPUT"), Price("AGENTMESH_PRICE_OUTPUT"));

        decimal Price(string variable) => terminal.Environment(variable) is not { Length: > 0 } text ? 0m
            : decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var price) && price >= 0 ? price
            : throw new CliException($"{variable} is {text}; it takes a price per million tokens.");
    }

    public string? For(ModelNeed need) => chain.ModelFor(need);

    public IChatClient Client(string model) => chain.Chat(model == chain.ModelFor(ModelNeed.Large) ? ModelNeed.Large : ModelNeed.Small)!;

    public decimal Cost(string model, long inputTokens, long outputTokens) => (inputTokens * inputPrice + outputTokens * outputPrice) / 1_000_000m;
}
