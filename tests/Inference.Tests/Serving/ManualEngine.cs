using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AgentMesh.Inference.Remote;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests.Serving;

/// <summary>An engine whose calls wait for the test, in the order in which they began.</summary>
internal sealed class ManualEngine : IChatClient
{
    private readonly Channel<Call> _begun = Channel.CreateUnbounded<Call>();
    private readonly ConcurrentQueue<string> _prompts = [];
    private int _running;

    /// <summary>Answers every call by itself where set; gets the prompt.</summary>
    public Func<string, Task<string>>? Auto { get; init; }

    /// <summary>Where false, a cancelled call goes on until the test ends it.</summary>
    public bool Obedient { get; init; } = true;

    public int Running => _running;

    /// <summary>The prompts of all calls so far.</summary>
    public IReadOnlyList<string> Prompts => [.. _prompts];

    /// <summary>The next call that begins.</summary>
    public async Task<Call> Next() => await _begun.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public bool HasBegun => _begun.Reader.TryPeek(out _);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var call = Begin(messages, options);
        try
        {
            if (Auto is not null) return Answer(await Auto(call.Prompt).WaitAsync(cancellationToken), 1);
            return await (Obedient ? call.Whole.Task.WaitAsync(cancellationToken) : call.Whole.Task);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = Begin(messages, options);
        try
        {
            if (Auto is not null)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, await Auto(call.Prompt).WaitAsync(cancellationToken));
                yield break;
            }

            await foreach (var update in call.Parts.Reader.ReadAllAsync(Obedient ? cancellationToken : CancellationToken.None)) yield return update;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    public static InferenceRequest Request(
        string prompt = "Hello", string tenant = "a", InferencePriority priority = InferencePriority.Normal, TimeSpan? within = null, int? maxOutput = null) =>
        new("m", tenant, priority, [new InferenceMessage("user", [new InferencePart.Text(prompt)])], new InferenceOptions { MaxOutputTokens = maxOutput }, within);

    private static ChatResponse Answer(string text, long output) =>
        new(new ChatMessage(ChatRole.Assistant, text)) { FinishReason = ChatFinishReason.Stop, Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = output } };

    private Call Begin(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        Interlocked.Increment(ref _running);
        var call = new Call(messages.Last().Text, options);
        _prompts.Enqueue(call.Prompt);
        _begun.Writer.TryWrite(call);
        return call;
    }

    internal sealed record Call(string Prompt, ChatOptions? Options)
    {
        public TaskCompletionSource<ChatResponse> Whole { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public Channel<ChatResponseUpdate> Parts { get; } = Channel.CreateUnbounded<ChatResponseUpdate>();

        public void Reply(string text = "ok", long output = 1) => Whole.TrySetResult(Answer(text, output));
        public void Fail(Exception error) => Whole.TrySetException(error);
        public void Part(string text) => Parts.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, text));
        public void Usage(long input, long output) => Parts.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant,
            [new UsageContent(new UsageDetails { InputTokenCount = input, OutputTokenCount = output })]) { FinishReason = ChatFinishReason.Stop });
        public void End(Exception? error = null) => Parts.Writer.TryComplete(error);
    }
}
