using AgentMesh.Agents.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Inference.OpenAi;

/// <summary>
/// What a model's answers have shown about it: which features it has and which fields it wants left out or renamed.
/// Kept for the life of the process, shared by all calls to the model.
/// </summary>
internal sealed class LearnedModel(string model, ToolSupport tools, ILogger log)
{
    private readonly Lock _gate = new();
    private ModelCapabilities _capabilities = new(
        tools switch { ToolSupport.On => Support.Yes, ToolSupport.Off => Support.No, _ => Support.Unknown }, Support.Unknown);
    private Dialect _dialect = Dialect.Standard;

    public ModelCapabilities Capabilities
    {
        get { lock (_gate) return _capabilities; }
    }

    public Dialect Dialect
    {
        get { lock (_gate) return _dialect; }
    }

    public void Learn(ModelFeature feature, Support support)
    {
        lock (_gate)
        {
            if (feature == ModelFeature.NativeTools && tools != ToolSupport.Auto) return;
            var learned = feature == ModelFeature.NativeTools ? _capabilities with { NativeTools = support } : _capabilities with { JsonSchema = support };
            if (learned == _capabilities) return;
            _capabilities = learned;
        }

        log.Learned(model, feature, support);
    }

    /// <summary>Looks for a field of ours in a refusal.</summary>
    /// <returns>True when the same request, written anew, may succeed.</returns>
    public bool Adapt(RefusedException refusal)
    {
        if (refusal.Error.StatusCode is not (400 or 422)) return false;
        Dialect before, after;
        lock (_gate)
        {
            before = _dialect;
            after = before;
            if (refusal.Body.Contains("max_completion_tokens", StringComparison.Ordinal)) after = after with { MaxCompletionTokens = true };
            else if (refusal.Body.Contains("stream_options", StringComparison.Ordinal)) after = after with { StreamUsage = false };
            else if (IsUnsupported(refusal.Body) && (refusal.Body.Contains("temperature", StringComparison.Ordinal) || refusal.Body.Contains("top_p", StringComparison.Ordinal))) after = after with { Sampling = false };
            if (after == before) return false;
            _dialect = after;
        }

        log.DialectLearned(model, before.MaxCompletionTokens != after.MaxCompletionTokens ? "max_tokens"
            : before.StreamUsage != after.StreamUsage ? "stream_options" : "temperature and top_p");
        return true;
    }

    /// <summary>The feature whose absence explains a refusal; null where it has another reason.</summary>
    public static ModelFeature? Missing(RefusedException refusal, ChatOptions? options)
    {
        // 500: how llama-server refuses tools for a chat template without them.
        if (refusal.Error.StatusCode is not (400 or 404 or 422 or 500 or 501)) return null;
        var body = refusal.Body;
        if (options?.ResponseFormat is ChatResponseFormatJson && IsUnsupported(body)
            && (body.Contains("response_format", StringComparison.OrdinalIgnoreCase) || body.Contains("json_schema", StringComparison.OrdinalIgnoreCase)))
            return ModelFeature.JsonSchema;
        return options?.Tools is { Count: > 0 } && IsUnsupported(body) && body.Contains("tool", StringComparison.OrdinalIgnoreCase)
            ? ModelFeature.NativeTools
            : null;
    }

    /// <summary>
    /// The word alone is not enough: a refusal that names a tool may be about a bad schema or an unknown call id.
    /// The verbs are those of vLLM, llama-server, Ollama, LM Studio, FastAPI's validator and OpenAI.
    /// </summary>
    private static bool IsUnsupported(string body)
    {
        foreach (var sign in (ReadOnlySpan<string>)[
            "support", "requires --", "unavailable", "not enabled", "not implemented", "unrecognized", "unknown field", "unknown parameter",
            "unexpected keyword", "extra_forbidden", "extra inputs", "not permitted", "must be one of"])
            if (body.Contains(sign, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}

/// <param name="MaxCompletionTokens">OpenAI's reasoning models renamed <c>max_tokens</c>.</param>
/// <param name="StreamUsage">Whether <c>stream_options</c> may be sent.</param>
/// <param name="Sampling">Whether temperature and top-p may be sent.</param>
internal sealed record Dialect(bool MaxCompletionTokens, bool StreamUsage, bool Sampling)
{
    public static Dialect Standard { get; } = new(false, true, true);
}
