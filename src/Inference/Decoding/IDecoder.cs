namespace AgentMesh.Inference.Decoding;

/// <summary>
/// One model's decoder over KV cells. Not safe for use in parallel: whoever runs the decode loop owns it, and disposes it.
/// </summary>
public interface IDecoder : IDisposable
{
    /// <summary>KV cells of all sequences together. A token of a sequence takes one; a copied range takes none, but with <see cref="Separate"/>.</summary>
    int Cells { get; }

    /// <summary>The most tokens of one sequence.</summary>
    int SequenceCells => Cells;

    /// <summary>
    /// Whether each sequence has cells of its own instead of a part of a pool. Then neighbours (by id) with equally many tokens in a batch are computed together,
    /// and <see cref="Copy"/> copies.
    /// </summary>
    bool Separate => false;

    /// <summary>
    /// Whether a batch takes about as long as it has tokens. Then prompts and the next tokens of others are computed apart: nothing is won by one batch, and the
    /// tokens come sooner. Otherwise a few more are nearly free.
    /// </summary>
    bool Linear => false;

    /// <summary>Sequences have the ids 0 to this, exclusive.</summary>
    int Sequences { get; }

    /// <summary>The most tokens of one <see cref="Decode"/>.</summary>
    int BatchTokens { get; }

    /// <summary>Logits in a row: the size of the model's vocabulary.</summary>
    int Vocabulary { get; }

    /// <summary>Computes the batch's tokens. Those of one sequence are in order of their positions, each one after the last that the sequence has.</summary>
    /// <exception cref="NoCellsException">The pool is full; nothing changed.</exception>
    /// <exception cref="DecoderException">The decoder failed; the batch's sequences are to be removed.</exception>
    void Decode(ReadOnlySpan<BatchToken> batch);

    /// <summary>The logits after the batch's token at <paramref name="index"/>, which asked for <see cref="BatchToken.Output"/>; valid until the next <see cref="Decode"/>.</summary>
    ReadOnlySpan<float> Logits(int index);

    /// <summary>
    /// Lets <paramref name="to"/> share the positions [start, end) of <paramref name="from"/>: nothing is computed, no cell is taken. It must not have them yet.
    /// With <see cref="Separate"/> <paramref name="start"/> is 0, and what it had is replaced.
    /// </summary>
    void Copy(int from, int to, int start, int end);

    /// <summary>Forgets the positions [start, end) of a sequence; cells that no other sequence shares are free again. <see cref="int.MaxValue"/>: to its end.</summary>
    void Remove(int sequence, int start, int end);
}

/// <param name="Output">Whether the logits after this token are asked for.</param>
public readonly record struct BatchToken(int Token, int Position, int Sequence, bool Output);

/// <summary>The decoder failed, and says how.</summary>
public class DecoderException(string message) : Exception(message);

/// <summary>The pool has too few free cells for the batch.</summary>
public sealed class NoCellsException() : DecoderException("The KV pool has no room for the batch.");
