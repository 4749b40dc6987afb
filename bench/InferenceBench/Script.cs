using System.Runtime.InteropServices;
using System.Text;
using AgentMesh.GrammarBench;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.Grammars;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>
/// Says what is written, whatever the model would: each token is computed, masked and sampled as ever, then the script's is taken if the grammar allows it.
/// </summary>
/// <param name="state">Null: the script alone decides.</param>
internal sealed class Script(Vocabulary vocabulary, string text, Sampler sampler, GrammarState? state) : ITokenChooser
{
    private readonly byte[] _text = Encoding.UTF8.GetBytes(text);
    private readonly List<int> _forced = [];
    private int _at;

    public bool Complete => state?.Ended ?? _at == _text.Length;

    public int Choose(ReadOnlySpan<float> logits)
    {
        var mask = state is null ? default : state.Mask();
        sampler.Sample(logits, mask);
        for (var length = Math.Min(24, _text.Length - _at); length > 0; length--)
            if (vocabulary.Find(_text.AsSpan(_at, length)) is >= 0 and var token && (mask.IsEmpty || (mask[token >> 6] >> token & 1) != 0))
                return Taken(token);
        throw new InvalidOperationException("The grammar does not allow what the script says.");
    }

    public ReadOnlySpan<int> Forced()
    {
        if (state is null) return [];
        _forced.Clear();
        while (state.Forced() is { Count: > 0 } run)
            foreach (var token in run) _forced.Add(Taken(token));
        return CollectionsMarshal.AsSpan(_forced);
    }

    private int Taken(int token)
    {
        var bytes = vocabulary.Bytes(token);
        if (!_text.AsSpan(_at).StartsWith(bytes) || state?.Accept(token) == false) throw new InvalidOperationException("The grammar forces what the script does not say.");
        sampler.Accept(token);
        _at += bytes.Length;
        return token;
    }
}
