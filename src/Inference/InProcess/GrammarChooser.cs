using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.Grammars;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.Inference.InProcess;

/// <summary>Samples one request's tokens, of those that its grammar allows.</summary>
/// <param name="state">Null: any.</param>
internal sealed class GrammarChooser(Sampler sampler, GrammarState? state) : ITokenChooser
{
    private readonly List<int> _forced = [];

    public bool Complete => state?.Ended == true;

    public int Choose(ReadOnlySpan<float> logits)
    {
        var token = sampler.Sample(logits, state is null ? default : state.Mask());
        sampler.Accept(token);
        if (state?.Accept(token) == false) throw new InvalidOperationException("The grammar's mask let a token through that it does not allow.");
        return token;
    }

    public ReadOnlySpan<int> Forced()
    {
        if (state is null) return [];
        _forced.Clear();
        while (state.Forced() is { Count: > 0 } run)
        {
            foreach (var token in run)
            {
                sampler.Accept(token);
                if (!state.Accept(token)) throw new InvalidOperationException("The grammar forced a token that it does not allow.");
                _forced.Add(token);
            }
        }

        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_forced);
    }
}
