using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using AgentMesh.Inference.Budget;
using AgentMesh.Inference.InProcess;
using AgentMesh.Inference.OpenAi;
using AgentMesh.Inference.Redaction;
using AgentMesh.Inference.Resilience;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Inference;

/// <summary>
/// The configured models, ready to call. One per process: it owns the connections, and what it knows of the endpoints' health and features
/// is shared by all clients it gives out. Safe for use in parallel.
/// </summary>
public sealed class ModelChain : IDisposable
{
    private readonly ModelOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly HttpClient _http;
    private readonly Redactor _redactor;
    private readonly Backoff _retry;
    private readonly Server? _chat;
    private readonly LearnedModel _large;
    private readonly LearnedModel _small;
    private readonly LocalModels? _local;
    private readonly ResilientEmbeddings? _embeddings;

    private ModelChain(ModelOptions options, LocalModels? local, HttpClient http, TimeProvider time, ILogger log, Func<double> jitter)
    {
        (_options, _local, _http, _time, _log) = (options, local, http, time, log);
        _redactor = new Redactor(options.RedactEmails, options.ApiKey is { } key ? [key] : []);
        _retry = new Backoff(options.Retries, options.TotalTimeout, jitter);
        _large = new LearnedModel(options.Model ?? "", options.NativeTools, log);
        _small = options.SmallModel is { } small && small != options.Model ? new LearnedModel(small, options.NativeTools, log) : _large;
        if (options is { Url: { } url, Model: not null } && !(IsLocal(ModelNeed.Large) && IsLocal(ModelNeed.Small))) _chat = Open(url);
        if (options is { EmbeddingUrl: { } embeddingUrl, EmbeddingModel: { } embeddingModel })
        {
            // The same server shares its queue and its circuit with chat.
            var server = embeddingUrl == options.Url && _chat is not null ? _chat : Open(embeddingUrl);
            _embeddings = new ResilientEmbeddings(
                new EmbeddingsClient(server.Endpoint, embeddingModel), _retry, server.Slots, server.Breaker, options.AttemptTimeout, time, log);
        }
    }

    /// <param name="options">See <see cref="ModelOptions.FromEnvironment"/>.</param>
    /// <param name="handler">Where requests go; null for the network. The chain owns it.</param>
    /// <param name="jitter">Numbers from 0 up to 1 that spread retries; null for random ones.</param>
    /// <param name="local">The models that are files; null where the options name none. The chain owns them.</param>
    public static ModelChain Create(
        ModelOptions options, HttpMessageHandler? handler = null, TimeProvider? time = null, ILoggerFactory? logs = null, Func<double>? jitter = null,
        LocalModels? local = null)
    {
        handler ??= new SocketsHttpHandler
        {
            // A redirect would turn POST into GET or carry the key to another host.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var log = (logs ?? NullLoggerFactory.Instance).CreateLogger("AgentMesh.Inference");
        return new ModelChain(options, local, http, time ?? TimeProvider.System, log, jitter ?? Random.Shared.NextDouble);
    }

    /// <summary>Null when no embedding model is configured, or it is a file that is not loaded.</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings => _embeddings ?? _local?.Embeddings;

    /// <summary>The name of the model that serves a need; null when none does.</summary>
    public string? ModelFor(ModelNeed need) => _chat is null && !IsLocal(need) ? null : need switch
    {
        ModelNeed.None => null,
        ModelNeed.Small => _options.SmallModel ?? _options.Model,
        _ => _options.Model,
    };

    /// <summary>Whether the model that serves a need is a file that this process serves.</summary>
    public bool IsLocal(ModelNeed need) => (need == ModelNeed.Small && _options.SmallModel is not null ? _options.SmallModelFile : _options.ModelFile) is not null;

    /// <summary>What is known of the model of an endpoint that serves a need; the client says the same through <see cref="ModelCapabilities.Of"/>.</summary>
    public ModelCapabilities Capabilities(ModelNeed need) => Learned(need).Capabilities;

    /// <summary>
    /// A client for one step or for many; cheap to make, nothing to dispose of. It throws only <see cref="ModelException"/>,
    /// or <see cref="OperationCanceledException"/> when its caller gave up.
    /// </summary>
    /// <param name="budget">Where every request of this client, retries too, gets its tokens; null for no limit.</param>
    /// <param name="tenant">Whose calls they are, where models are shared fairly: those of this process.</param>
    /// <returns>Null when no model serves this need: the role's rules answer alone.</returns>
    /// <exception cref="ModelException">The model is a file that is not loaded.</exception>
    public IChatClient? Chat(ModelNeed need, ITokenBudget? budget = null, string tenant = "default")
    {
        if (ModelFor(need) is not { } model) return null;

        // From the model outwards. A call passes through this list from its end to its beginning. A model of this process has its own queue, and no network.
        var server = IsLocal(need) ? null : _chat;
        var client = server is null ? _local!.Chat(model, tenant) : Wire(server, model, Learned(need));
        // Reserves for each attempt, since a failed one may have been charged; outside the breaker, whose probe a refusal must not spend.
        if (budget is not null) client = new BudgetedChatClient(client, budget, _options.MaxOutputTokens);
        // Holds a place for one attempt only: nobody waits behind a caller that backs off.
        if (server is not null) client = new ConcurrencyLimitedChatClient(client, server.Slots);
        client = new RetryingChatClient(client, _retry, _time, _log);
        // Bounds all of the above, waits included.
        client = new TotalTimeoutChatClient(client, _options.TotalTimeout, _time);
        // Once per call, so that each attempt sends the same placeholders and everything inside sees only those.
        if (_options.Redact == RedactionScope.Prompt && server is { Endpoint.IsLocal: false }) client = new RedactingChatClient(client, _redactor);
        // Outermost: one line per call, as the caller lives it.
        return new LoggingChatClient(client, model, _redactor, _options.LogContent, _time, _log);
    }

    private IChatClient Wire(Server server, string model, LearnedModel learned)
    {
        IChatClient client = new ChatCompletionsClient(server.Endpoint, model, _options.MaxOutputTokens, learned);
        // One request's time: starts when the request leaves, so that waiting for a place or for a retry does not count.
        client = new AttemptTimeoutChatClient(client, _options.AttemptTimeout, _options.IdleTimeout, _time);
        // Sees every attempt with its timeouts, and nothing that is not the endpoint's doing.
        return new CircuitBreakingChatClient(client, server.Breaker, _log);
    }

    public void Dispose()
    {
        _embeddings?.Dispose();
        _local?.Dispose();
        _http.Dispose();
    }

    private LearnedModel Learned(ModelNeed need) => need == ModelNeed.Small ? _small : _large;

    private Server Open(Uri url)
    {
        // The key belongs to the chat endpoint; another host with embeddings must not see it.
        var key = _options.Url is null || _options.Url.Host == url.Host ? _options.ApiKey : null;
        if (key is not null && url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback) _log.KeyInClear(url.Host);
        return new Server(
            new ModelEndpoint(_http, url, key, _options.MaxResponseBytes, _redactor, _time),
            new SemaphoreSlim(_options.Concurrency),
            new CircuitBreaker(_options.BreakAfter, _options.BreakFor, _time));
    }

    /// <summary>What all calls to one server share. The semaphore's wait handle is never used, so it needs no disposal.</summary>
    private sealed record Server(ModelEndpoint Endpoint, SemaphoreSlim Slots, CircuitBreaker Breaker);
}
