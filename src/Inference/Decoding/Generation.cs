using System.Threading.Channels;

namespace AgentMesh.Inference.Decoding;

/// <summary>A request on its way. Its tokens come in order, each once; then its outcome.</summary>
public sealed class Generation
{
    private readonly Channel<int> _tokens = Channel.CreateUnbounded<int>(new() { SingleWriter = true, SingleReader = true });
    private readonly TaskCompletionSource<GenerationOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _cancelled;
    private Action? _givenUp;

    internal Generation(GenerationRequest request) => Request = request;

    public GenerationRequest Request { get; }

    /// <summary>Completes when the generation ended, however it did. One reader.</summary>
    public ChannelReader<int> Tokens => _tokens.Reader;

    /// <summary>Never faults and is never cancelled.</summary>
    public Task<GenerationOutcome> Outcome => _outcome.Task;

    internal bool IsCancelled => _cancelled;

    /// <summary>Ends it before its next token; its cells are free then. One that waits ends at once. Safe from any thread, any number of times.</summary>
    public void Cancel()
    {
        _cancelled = true;
        _givenUp?.Invoke();
    }

    /// <summary>Before anyone else has it.</summary>
    /// <param name="givenUp">Called with each <see cref="Cancel"/>, after the fact can be seen.</param>
    internal void Watch(Action givenUp) => _givenUp = givenUp;

    internal void Take(int token) => _tokens.Writer.TryWrite(token);

    internal void End(GenerationOutcome outcome)
    {
        _outcome.TrySetResult(outcome);
        _tokens.Writer.TryComplete();
    }
}
