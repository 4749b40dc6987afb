using System.Runtime.CompilerServices;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Remote;
using AgentMesh.Inference.Serving;
using AgentMesh.Inference.Templates.ToolCalling;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.InProcess;

/// <summary>Chat with a model in this process. Throws <see cref="ModelException"/>, or <see cref="OperationCanceledException"/> when the caller gave up.</summary>
internal sealed class LlamaChatClient(
    ChatRequests requests, LlamaTokenizer tokenizer, DecodeLoop loop, string tenant = "default", InferencePriority priority = InferencePriority.Normal) : IChatClient, ITenantEngine
{
    private static readonly ModelCapabilities Capabilities = new(Support.Yes, Support.Yes);

    private readonly ChatClientMetadata _metadata = new("llama.cpp", null, requests.Model);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // 1. The conversation becomes tokens, and the loop takes them in.
        var (generation, parser) = Start(messages, options, cancellationToken);
        var text = new AnswerText(tokenizer, [.. (options?.StopSequences ?? []).Where(s => s.Length > 0)]);
        try
        {
            // 2. Its tokens become text, reasoning and calls.
            await foreach (var token in generation.Tokens.ReadAllAsync(cancellationToken))
            {
                if (text.Add(token) is { Length: > 0 } piece && parser.Feed(piece) is { Count: > 0 } contents) yield return Update(contents);
                if (text.Stopped) break;
            }
        }
        finally
        {
            generation.Cancel();
        }

        // 3. How it ended, and what it took.
        var outcome = await generation.Outcome.WaitAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (outcome.End == GenerationEnd.Failed)
            throw new ModelException(ModelErrorKind.Unavailable, $"{requests.Model} gave no whole answer: {outcome.Failure}") { TokensMayBeSpent = true };
        if (parser.Feed(text.End()) is { Count: > 0 } rest) yield return Update(rest);
        if (parser.Finish() is { Count: > 0 } last) yield return Update(last);
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(Usage(outcome))])
        {
            ModelId = requests.Model,
            FinishReason = parser.CalledTools ? ChatFinishReason.ToolCalls : outcome.End == GenerationEnd.Length && !text.Stopped ? ChatFinishReason.Length : ChatFinishReason.Stop,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType == typeof(ModelCapabilities) ? Capabilities
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public IChatClient For(string tenant, InferencePriority priority) => new LlamaChatClient(requests, tokenizer, loop, tenant, priority);

    /// <summary>The model is the engine's.</summary>
    public void Dispose()
    {
    }

    private (Generation, AnswerParser) Start(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken ct)
    {
        try
        {
            var (request, parser) = requests.Of(messages, options);
            return (loop.Start(request with { Tenant = tenant, Priority = priority }, ct), parser);
        }
        catch (QueueFullException e)
        {
            throw new ModelException(ModelErrorKind.RateLimited, $"{requests.Model}: {e.Message}", e) { RetryAfter = TimeSpan.FromSeconds(1) };
        }
        catch (ObjectDisposedException e)
        {
            throw new ModelException(ModelErrorKind.Unavailable, $"{requests.Model} was closed; load it again.", e);
        }
    }

    private ChatResponseUpdate Update(IReadOnlyList<AIContent> contents) => new(ChatRole.Assistant, [.. contents]) { ModelId = requests.Model };

    private static UsageDetails Usage(GenerationOutcome outcome) => new()
    {
        InputTokenCount = outcome.Prompt,
        OutputTokenCount = outcome.Generated,
        TotalTokenCount = outcome.Prompt + outcome.Generated,
        CachedInputTokenCount = outcome.Reused,
    };
}
