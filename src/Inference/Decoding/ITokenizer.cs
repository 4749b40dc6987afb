namespace AgentMesh.Inference.Decoding;

/// <summary>A model's vocabulary. Safe for use in parallel.</summary>
public interface ITokenizer
{
    /// <summary>Tokens have the ids 0 to this, exclusive.</summary>
    int Size { get; }

    /// <param name="special">Whether control tokens written in the text become such; only for a template's text, never for a user's words.</param>
    /// <param name="start">Whether the text begins a sequence, and gets the model's start token where it has one.</param>
    IReadOnlyList<int> Tokenize(string text, bool special, bool start);

    /// <summary>The bytes that a token stands for, not always whole characters; none for control tokens.</summary>
    ReadOnlySpan<byte> Bytes(int token);

    /// <summary>Whether the token ends a generation.</summary>
    bool IsEnd(int token);

    bool IsControl(int token);
}
