using System.Globalization;
using AgentMesh.Contracts;
using AgentMesh.Inference;
using AgentMesh.Inference.InProcess;
using AgentMesh.Inference.ModelFiles;
using AgentMesh.Runtime;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Hosting;

/// <summary>The models that this host's settings name: none, one, or a small and a large one; an endpoint's, or files that this process serves.</summary>
public sealed class ConfiguredModels(ModelOptions options, ModelChain chain, LocalModels local, decimal inputPrice, decimal outputPrice) : IModels, IDisposable
{
    public string Description => chain.ModelFor(ModelNeed.Large) is not { } large ? "none: every role answers by its rules"
        : chain.ModelFor(ModelNeed.Small) is { } small && small != large ? $"{Placed(small, ModelNeed.Small)} and {Placed(large, ModelNeed.Large)}"
        : Placed(large, ModelNeed.Large);

    /// <summary>Null where none is configured, or it is a file that is not loaded.</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings => chain.Embeddings;

    /// <param name="setting">Reads one setting by the name of its environment variable.</param>
    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    /// <exception cref="ModelOptionsException">Several have.</exception>
    public static ConfiguredModels Create(Func<string, string?> setting, TimeProvider time, ILoggerFactory loggers)
    {
        var options = ModelOptions.FromEnvironment(setting);
        var local = new LocalModels(options, () => new ModelStore(HubOptions.FromEnvironment(setting)), time, loggers);
        return new ConfiguredModels(
            options, ModelChain.Create(options, time: time, logs: loggers, local: local), local, Price("AGENTMESH_PRICE_INPUT"), Price("AGENTMESH_PRICE_OUTPUT"));

        decimal Price(string variable) => setting(variable) is not { Length: > 0 } text ? 0m
            : decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var price) && price >= 0 ? price
            : throw new FormatException($"{variable} is {text}; it takes a price per million tokens.");
    }

    /// <summary>Finds the files that the settings name, and checks them without loading. Quick.</summary>
    /// <returns>What each model is called, and its file.</returns>
    /// <exception cref="ModelFileException">One is missing, no model, or too large for this machine.</exception>
    public IReadOnlyList<(string Model, string Path)> Find() => [.. local.Find().Select(f => (f.Model, f.File.Path))];

    /// <summary>Loads the models that are files. A host that runs goals does so once, before it asks any.</summary>
    /// <param name="chat">False: only the embedding model, where something else serves the others.</param>
    /// <param name="report">Told how far it is, on another thread; null for nobody.</param>
    /// <exception cref="ModelFileException">One cannot be had or served; the message says what to do.</exception>
    public Task Load(Action<ModelLoading>? report, CancellationToken ct, bool chat = true) => Task.Run(() => local.Load(chat, report, ct), ct);

    /// <summary>The model of a file itself, without what a chain puts around it; null for an endpoint's.</summary>
    public LlamaEngine? Engine(string model) => chain.IsLocal(Need(model)) ? local.Engine(model) : null;

    public string? For(ModelNeed need) => chain.ModelFor(need);

    public IChatClient Client(string model) => Client(model, "default");

    public IChatClient Client(string model, string tenant) => chain.Chat(Need(model), tenant: tenant)!;

    public decimal Cost(string model, long inputTokens, long outputTokens) => (inputTokens * inputPrice + outputTokens * outputPrice) / 1_000_000m;

    public void Dispose() => chain.Dispose();

    private ModelNeed Need(string model) => model == chain.ModelFor(ModelNeed.Large) ? ModelNeed.Large : ModelNeed.Small;

    private string Placed(string model, ModelNeed need) => chain.IsLocal(need) ? $"{model} in this process" : $"{model} at {options.Url!.Host}";
}
