using System.Text.Json;
using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using AgentMesh.ScriptedModel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Inference.Tests;

/// <summary>A scripted server with a chain in front of it, on a clock that stands still.</summary>
internal sealed class Fixture : IAsyncDisposable
{
    private readonly ListLogs _logs = new();

    private Fixture(ScriptedServer server, ModelOptions options)
    {
        Server = server;
        Chain = ModelChain.Create(options, time: Time, logs: _logs, jitter: () => 0);
        Client = Chain.Chat(ModelNeed.Large)!;
    }

    public ScriptedServer Server { get; }
    public ManualTime Time { get; } = new();
    public ModelChain Chain { get; }
    public IChatClient Client { get; }
    public IReadOnlyList<string> Logs => _logs.Lines;

    public static Fixture With(params Reply[] script) => With(o => o, script);

    public static Fixture With(Func<ModelOptions, ModelOptions> change, params Reply[] script)
    {
        var server = ScriptedServer.Start(script);
        return new Fixture(server, change(new ModelOptions { Url = server.Url, Model = "big", Retries = 0 }));
    }

    public Task<ChatResponse> Ask(string prompt = "Hello", ChatOptions? options = null) =>
        Client.GetResponseAsync(prompt, options, TestContext.Current.CancellationToken);

    public async Task<ModelException> Fails(string prompt = "Hello", ChatOptions? options = null) =>
        await Assert.ThrowsAsync<ModelException>(() => Ask(prompt, options));

    public async Task<List<ChatResponseUpdate>> Stream(ChatOptions? options = null, List<ChatResponseUpdate>? into = null)
    {
        var updates = into ?? [];
        await foreach (var update in Client.GetStreamingResponseAsync("Hello", options, TestContext.Current.CancellationToken)) updates.Add(update);
        return updates;
    }

    public static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    public static AITool Tool(string name = "lookup") => new Declared(name);

    public async ValueTask DisposeAsync()
    {
        Chain.Dispose();
        await Server.DisposeAsync();
    }

    private sealed class Declared(string name) : AIFunctionDeclaration
    {
        public override string Name => name;
        public override string Description => "Looks up an account.";
        public override JsonElement JsonSchema { get; } = Parse("""{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}""");
    }

    internal sealed class ListLogs : ILoggerFactory, ILogger
    {
        private readonly Lock _gate = new();
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get { lock (_gate) return [.. _lines]; }
        }

        public ILogger CreateLogger(string categoryName) => this;
        public bool IsEnabled(LogLevel logLevel) => true;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_gate) _lines.Add($"{logLevel}: {formatter(state, exception)} {exception}");
        }

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
