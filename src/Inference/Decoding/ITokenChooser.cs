namespace AgentMesh.Inference.Decoding;

/// <summary>Chooses the tokens of one request: its sampler, and the grammar it obeys. Only the decode loop calls it, one call at a time.</summary>
public interface ITokenChooser
{
    /// <summary>The next token, which counts as chosen.</summary>
    /// <param name="logits">One for each token of the vocabulary; not kept.</param>
    int Choose(ReadOnlySpan<float> logits);

    /// <summary>Tokens that can only follow what was chosen so far; they count as chosen. None where there is a choice. Valid until the next call.</summary>
    ReadOnlySpan<int> Forced();

    /// <summary>Whether nothing can follow any more, not even an end token.</summary>
    bool Complete { get; }
}
