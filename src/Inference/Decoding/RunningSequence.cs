using System.Runtime.InteropServices;

namespace AgentMesh.Inference.Decoding;

/// <summary>A request in the batch.</summary>
internal sealed class RunningSequence : KvSlot
{
    private readonly List<int> _tokens;
    private readonly int _limit;

    public RunningSequence(WaitingRequest request)
    {
        Request = request;
        var prompt = request.Generation.Request.Prompt;
        _tokens = [.. prompt];
        PromptLength = prompt.Count;
        _limit = prompt.Count + request.Generation.Request.MaxTokens;
    }

    public WaitingRequest Request { get; }

    public Generation Generation => Request.Generation;

    public int PromptLength { get; }

    /// <summary>The prompt and what was generated since.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    public int Count => _tokens.Count;

    /// <summary>Tokens that are not computed yet; at least one while it runs.</summary>
    public int Pending => _tokens.Count - Computed;

    /// <summary>Whether the prompt is behind it. One that was put back computes its answer so far again, as a prompt.</summary>
    public bool Generates { get; private set; }

    public int Generated => _tokens.Count - PromptLength;

    /// <summary>Tokens that it may still generate.</summary>
    public int Left => _limit - _tokens.Count;

    /// <summary>The most of its prompt in one step.</summary>
    public int Chunk { get; set; } = int.MaxValue;

    public int Reused { get; set; }

    public int Forced { get; set; }

    public int Calls { get; set; }

    public TimeSpan Waited { get; set; }

    public TimeSpan? FirstToken { get; set; }

    /// <summary>By the clock's timestamp.</summary>
    public long LastToken { get; set; }

    /// <summary>Someone who is computing a beginning that this one wants, too; it waits for that.</summary>
    public (RunningSequence Sequence, int Length)? Leader { get; set; }

    public bool WaitsForLeader => Leader is { } leader && leader.Sequence is { Sequence: >= 0 } && leader.Sequence.Computed < leader.Length;

    /// <summary>All of its tokens are computed.</summary>
    public void Reached() => Generates = true;

    public void Append(int token) => _tokens.Add(token);

    public void PutBack()
    {
        Generates = false;
        Leader = null;
    }
}
