namespace AgentMesh.Inference.Decoding;

/// <summary>Hears what a decode loop does, on its thread: return at once, throw nothing.</summary>
public interface IDecodeObserver
{
    /// <summary>A batch was computed.</summary>
    /// <param name="prompt">Its tokens of prompts.</param>
    /// <param name="generating">Its sequences that generate.</param>
    void Stepped(int prompt, int generating, TimeSpan took);

    /// <summary>A request has a token more.</summary>
    /// <param name="since">Since its token before; since it arrived, for the first.</param>
    void Token(GenerationRequest request, bool first, TimeSpan since);

    void Ended(GenerationRequest request, GenerationOutcome outcome);
}
