using System.Globalization;
using AgentMesh.Inference.ModelFiles;

namespace AgentMesh.Inference;

public sealed partial record ModelOptions
{
    /// <summary>Reads the variables named at each property. An empty value counts as not set.</summary>
    /// <exception cref="ModelOptionsException">One or more values are wrong; it lists all of them.</exception>
    public static ModelOptions FromEnvironment(Func<string, string?> variable)
    {
        var read = new Reader(variable);
        var defaults = new ModelOptions();
        var url = read.Url("AGENTMESH_MODEL_URL");
        var model = read.Model("AGENTMESH_MODEL", url);
        var small = read.Model("AGENTMESH_MODEL_SMALL", url);
        var options = new ModelOptions
        {
            Url = url,
            Model = model.Name,
            ModelFile = model.File,
            SmallModel = small.Name,
            SmallModelFile = small.File,
            Context = read.Limit("AGENTMESH_MODEL_CONTEXT", 256, 4_194_304),
            ContextEach = read.Limit("AGENTMESH_MODEL_CONTEXT_EACH", 256, 4_194_304),
            Slots = read.Number("AGENTMESH_SLOTS", defaults.Slots, 1, 128),
            Threads = read.Limit("AGENTMESH_MODEL_THREADS", 1, 1024),
            Device = read.Text("AGENTMESH_DEVICES")?.Split(',', '=')[0].Trim(),
            GpuLayers = read.Limit("AGENTMESH_MODEL_GPU_LAYERS", 0, 10_000),
            ApiKey = read.Key("AGENTMESH_API_KEY"),
            EmbeddingUrl = read.Url("AGENTMESH_EMBEDDING_URL") ?? url,
            EmbeddingModel = read.Text("AGENTMESH_EMBEDDING_MODEL"),
            EmbeddingFile = read.Text("AGENTMESH_EMBEDDINGS"),
            MaxOutputTokens = read.Number("AGENTMESH_MODEL_MAX_OUTPUT", defaults.MaxOutputTokens, 1, 1_000_000),
            AttemptTimeout = read.Duration("AGENTMESH_MODEL_TIMEOUT", defaults.AttemptTimeout),
            IdleTimeout = read.Duration("AGENTMESH_MODEL_IDLE_TIMEOUT", defaults.IdleTimeout),
            TotalTimeout = read.Duration("AGENTMESH_MODEL_TOTAL_TIMEOUT", defaults.TotalTimeout),
            Retries = read.Number("AGENTMESH_MODEL_RETRIES", defaults.Retries, 0, 20),
            Concurrency = read.Number("AGENTMESH_MODEL_CONCURRENCY", defaults.Concurrency, 1, 1024),
            NativeTools = read.OneOf("AGENTMESH_MODEL_TOOLS", defaults.NativeTools,
                ("auto", ToolSupport.Auto), ("on", ToolSupport.On), ("off", ToolSupport.Off)),
            Redact = read.OneOf("AGENTMESH_REDACT", defaults.Redact,
                ("logs", RedactionScope.Logs), ("prompt", RedactionScope.Prompt)),
            RedactEmails = read.OneOf("AGENTMESH_REDACT_EMAILS", defaults.RedactEmails, ("on", true), ("off", false)),
            LogContent = read.OneOf("AGENTMESH_LOG_CONTENT", defaults.LogContent, ("on", true), ("off", false)),
        };

        if (!read.Failed("AGENTMESH_MODEL_URL")) CheckTogether(options, read);
        return read.Problems.Count == 0 ? options : throw new ModelOptionsException(read.Problems);
    }

    private static void CheckTogether(ModelOptions options, Reader read)
    {
        if (options is { Url: not null, Model: null })
            read.Problems.Add("AGENTMESH_MODEL_URL is set but AGENTMESH_MODEL is not: name the model to ask for (the endpoint lists its models under /models).");
        if (options is { Url: null, Model: null, SmallModel: not null })
            read.Problems.Add("AGENTMESH_MODEL_SMALL is set but AGENTMESH_MODEL is not: name the model that answers by default; one alone serves for both.");
        if (options is { Url: not null, ModelFile: not null, EmbeddingModel: null } && (options.SmallModel is null || options.SmallModelFile is not null))
            read.Problems.Add("AGENTMESH_MODEL_URL is set, but AGENTMESH_MODEL is a file, which this process serves itself: unset one of them.");
        if (options is { ModelFile: not null, SmallModel: not null } or { SmallModelFile: not null } && options.Model == options.SmallModel && options.ModelFile != options.SmallModelFile)
            read.Problems.Add($"AGENTMESH_MODEL and AGENTMESH_MODEL_SMALL are two models that are both called {options.Model}: give one of them another name.");
        if (options is { Context: not null, ContextEach: not null })
            read.Problems.Add("AGENTMESH_MODEL_CONTEXT and AGENTMESH_MODEL_CONTEXT_EACH are both set: the first is for all requests together, the second for each of them. Unset one of them.");
        if (options is { EmbeddingModel: not null, EmbeddingFile: not null })
            read.Problems.Add("AGENTMESH_EMBEDDINGS and AGENTMESH_EMBEDDING_MODEL are both set: the first is a file that this process serves, the second an endpoint's model. Unset one of them.");
        if (options is { EmbeddingModel: not null, EmbeddingUrl: null } && !read.Failed("AGENTMESH_EMBEDDING_URL"))
            read.Problems.Add("AGENTMESH_EMBEDDING_MODEL is set but neither AGENTMESH_EMBEDDING_URL nor AGENTMESH_MODEL_URL is: give the endpoint's address.");
        if (options.TotalTimeout < options.AttemptTimeout && !read.Failed("AGENTMESH_MODEL_TIMEOUT") && !read.Failed("AGENTMESH_MODEL_TOTAL_TIMEOUT"))
            read.Problems.Add("AGENTMESH_MODEL_TOTAL_TIMEOUT is shorter than AGENTMESH_MODEL_TIMEOUT: raise the first or lower the second.");
    }

    private sealed class Reader(Func<string, string?> variable)
    {
        private readonly HashSet<string> _failed = new(StringComparer.Ordinal);

        public List<string> Problems { get; } = [];

        public bool Failed(string name) => _failed.Contains(name);

        public string? Text(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;

        /// <summary>A key goes into a header: anything but printable ASCII would be refused there with a message that shows it.</summary>
        public string? Key(string name)
        {
            if (Text(name) is not { } key) return null;
            return key.All(c => c is > ' ' and < (char)127) ? key
                : Fail<string?>(name, "contains a space, a line break or a character outside ASCII: paste the key alone", null);
        }

        public Uri? Url(string name)
        {
            if (Text(name) is not { } text) return null;
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
                return Fail<Uri?>(name, "is not an http or https address: use one like http://127.0.0.1:8080/v1", null);
            if (url.UserInfo.Length > 0)
                return Fail<Uri?>(name, "holds a user or password: take it out and set AGENTMESH_API_KEY", null);
            if (url.Query.Length > 0 || url.Fragment.Length > 0)
                return Fail<Uri?>(name, "has a query or fragment: give the base address only", null);
            return BaseAddress(url);
        }

        /// <summary>
        /// Whose model it is: a .gguf file that is here is served here. Any other name is the endpoint's, or where there is none the store's.
        /// </summary>
        public (string? Name, string? File) Model(string name, Uri? url)
        {
            if (Text(name) is not { } text) return default;
            var here = File.Exists(text);
            if (url is not null && !(here && ModelName.IsGguf(text)) || Failed("AGENTMESH_MODEL_URL")) return (text, null);
            return (here || text.StartsWith('.') || text.StartsWith('/') ? Path.GetFileNameWithoutExtension(text) : text, text);
        }

        public int? Limit(string name, int least, int most) => Text(name) is null ? null : Number(name, least, least, most);

        public int Number(string name, int whenUnset, int least, int most)
        {
            if (Text(name) is not { } text) return whenUnset;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
                ? value
                : Fail(name, $"is '{text}': use a whole number from {least} to {most}", whenUnset);
        }

        public TimeSpan Duration(string name, TimeSpan whenUnset)
        {
            if (Text(name) is not { } text) return whenUnset;
            var (digits, unit) = text switch
            {
                [.. var d, 'm', 's'] => (d, TimeSpan.FromMilliseconds(1)),
                [.. var d, 's'] => (d, TimeSpan.FromSeconds(1)),
                [.. var d, 'm'] => (d, TimeSpan.FromMinutes(1)),
                _ => (text, TimeSpan.Zero),
            };
            return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
                && unit > TimeSpan.Zero && unit * count <= TimeSpan.FromDays(1)
                ? unit * count
                : Fail(name, $"is '{text}': use a duration like 500ms, 30s or 2m, of at most a day", whenUnset);
        }

        public T OneOf<T>(string name, T whenUnset, params (string Word, T Value)[] choices)
        {
            if (Text(name) is not { } text) return whenUnset;
            foreach (var (word, value) in choices)
                if (word.Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
            return Fail(name, $"is '{text}': use {string.Join(" or ", choices.Select(c => c.Word))}", whenUnset);
        }

        private T Fail<T>(string name, string problem, T value)
        {
            _failed.Add(name);
            Problems.Add($"{name} {problem}.");
            return value;
        }

        /// <summary>Accepts what people paste: the bare host, the base address, or the full address of one operation.</summary>
        private static Uri BaseAddress(Uri url)
        {
            var path = url.AbsolutePath.TrimEnd('/');
            foreach (var operation in (ReadOnlySpan<string>)["/chat/completions", "/embeddings", "/models"])
                if (path.EndsWith(operation, StringComparison.Ordinal)) path = path[..^operation.Length];
            return new UriBuilder(url) { Path = path.Length == 0 ? "/v1/" : path + "/" }.Uri;
        }
    }
}
