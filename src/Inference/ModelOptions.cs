namespace AgentMesh.Inference;

/// <summary>Whether the endpoint is taken to have native tool calls.</summary>
public enum ToolSupport
{
    /// <summary>Found out from the endpoint's answers.</summary>
    Auto,
    On,
    Off,
}

/// <summary>Where secrets and personal data are replaced by placeholders.</summary>
public enum RedactionScope
{
    /// <summary>In logs and error messages.</summary>
    Logs,

    /// <summary>Also in what is sent to an endpoint that is not on this machine; the answer gets the real values back.</summary>
    Prompt,
}

/// <summary>
/// Which models to call and how patiently: those of an endpoint, or files that this process serves itself. Without <see cref="Model"/> there is no chat model
/// and roles answer by their rules; without <see cref="EmbeddingModel"/> or <see cref="EmbeddingFile"/> there are no vectors and search is by text alone.
/// </summary>
public sealed partial record ModelOptions
{
    /// <summary>Base address of an OpenAI-compatible API, ending in <c>/v1/</c> or whatever the server uses. <c>AGENTMESH_MODEL_URL</c>; default: none.</summary>
    public Uri? Url { get; init; }

    /// <summary>
    /// What the model that answers by default is called. <c>AGENTMESH_MODEL</c>, which is the path of a .gguf file, or with <see cref="Url"/> a name there, or without
    /// it a name that <c>agentmesh model ls</c> shows. Required with <see cref="Url"/>.
    /// </summary>
    public string? Model { get; init; }

    /// <summary>What <see cref="Model"/> is a file by, for <see cref="ModelFiles.IModelStore.Resolve"/>; null where it is the endpoint's.</summary>
    public string? ModelFile { get; init; }

    /// <summary>Cheaper model asked first where a role allows it. <c>AGENTMESH_MODEL_SMALL</c>, as <see cref="Model"/>, which is the default.</summary>
    public string? SmallModel { get; init; }

    /// <inheritdoc cref="ModelFile"/>
    public string? SmallModelFile { get; init; }

    /// <summary>Tokens that all requests to a model of this process hold together. <c>AGENTMESH_MODEL_CONTEXT</c>; default: what it was trained for, at most 8192.</summary>
    public int? Context { get; init; }

    /// <summary>
    /// Tokens of its own for each of <see cref="Slots"/>, instead of <see cref="Context"/> for all together. <c>AGENTMESH_MODEL_CONTEXT_EACH</c>; default: none.
    /// </summary>
    public int? ContextEach { get; init; }

    /// <summary>Requests that a model of this process works on together. <c>AGENTMESH_SLOTS</c>; default: 32.</summary>
    public int Slots { get; init; } = 32;

    /// <summary>Threads of a model of this process. <c>AGENTMESH_MODEL_THREADS</c>; default: one for each core.</summary>
    public int? Threads { get; init; }

    /// <summary>Where models of this process run: <c>cpu</c>, <c>gpu0</c>, …. The first of <c>AGENTMESH_DEVICES</c>; default: the first GPU where there is one.</summary>
    public string? Device { get; init; }

    /// <summary>Layers of a model of this process that a GPU takes. <c>AGENTMESH_MODEL_GPU_LAYERS</c>; default: all.</summary>
    public int? GpuLayers { get; init; }

    /// <summary>Sent as a bearer token, to the host of <see cref="Url"/> only. <c>AGENTMESH_API_KEY</c>; default: none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Base address for embeddings: llama-server serves one model per process. <c>AGENTMESH_EMBEDDING_URL</c>; default: <see cref="Url"/>.</summary>
    public Uri? EmbeddingUrl { get; init; }

    /// <summary><c>AGENTMESH_EMBEDDING_MODEL</c>; default: none.</summary>
    public string? EmbeddingModel { get; init; }

    /// <summary>An embedding model that this process serves: a path or a name of the store. <c>AGENTMESH_EMBEDDINGS</c>; default: none.</summary>
    public string? EmbeddingFile { get; init; }

    /// <summary>Tokens an answer may have where the caller sets no limit. <c>AGENTMESH_MODEL_MAX_OUTPUT</c>; default: 2048.</summary>
    public int MaxOutputTokens { get; init; } = 2048;

    /// <summary>Limit of one request; for a stream, of the time to its first token. <c>AGENTMESH_MODEL_TIMEOUT</c>; default: 2m.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Limit of the silence between two parts of a stream. <c>AGENTMESH_MODEL_IDLE_TIMEOUT</c>; default: 30s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Limit of a call with all its retries and waits. <c>AGENTMESH_MODEL_TOTAL_TIMEOUT</c>; default: 5m.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Further attempts after a failure that may pass. <c>AGENTMESH_MODEL_RETRIES</c>; default: 3.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Requests in flight at one endpoint; more wait their turn. <c>AGENTMESH_MODEL_CONCURRENCY</c>; default: 4.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>Failures in a row after which an endpoint is left alone. Default: 5.</summary>
    public int BreakAfter { get; init; } = 5;

    /// <summary>How long it is left alone. Default: 15s.</summary>
    public TimeSpan BreakFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes of an answer beyond which it is refused. Default: 16 MiB.</summary>
    public long MaxResponseBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary><c>AGENTMESH_MODEL_TOOLS</c>=auto|on|off; default: auto.</summary>
    public ToolSupport NativeTools { get; init; } = ToolSupport.Auto;

    /// <summary><c>AGENTMESH_REDACT</c>=logs|prompt; default: logs.</summary>
    public RedactionScope Redact { get; init; } = RedactionScope.Logs;

    /// <summary>Whether e-mail addresses count as personal data. <c>AGENTMESH_REDACT_EMAILS</c>=on|off; default: on.</summary>
    public bool RedactEmails { get; init; } = true;

    /// <summary>Whether prompts and answers appear, redacted and shortened, in debug logs. <c>AGENTMESH_LOG_CONTENT</c>=on|off; default: off.</summary>
    public bool LogContent { get; init; }

    /// <summary>Leaves the key out: options end up in logs and in failure messages of tests.</summary>
    public override string ToString() =>
        $"model {Model ?? "none"} {(ModelFile is null ? $"at {Url?.ToString() ?? "no endpoint"}" : "in this process")}, key {(ApiKey is null ? "not set" : "set")}";
}

/// <summary>The environment holds values that make no sense; one sentence for each.</summary>
public sealed class ModelOptionsException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
