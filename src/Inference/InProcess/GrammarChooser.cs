using System.Runtime.InteropServices;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.Grammars;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.Inference.InProcess;

/// <summary>What an answer is held to: these tokens, then a text of the grammar, then those.</summary>
internal sealed record HeldAnswer(IReadOnlyList<int> Before, GrammarState State, IReadOnlyList<int> After);

/// <summary>Samples one request's tokens, of those that its answer may have.</summary>
/// <param name="held">Null: any.</param>
internal sealed class GrammarChooser(Sampler sampler, HeldAnswer? held) : ITokenChooser
{
    private readonly List<int> _forced = [];
    private bool _begun;
    private bool _closed;

    public bool Complete => held?.State.Ended == true && (_closed || held.After.Count == 0);

    public int Choose(ReadOnlySpan<float> logits)
    {
        var token = sampler.Sample(logits, held is null ? default : held.State.Mask());
        sampler.Accept(token);
        if (held?.State.Accept(token) == false) throw new InvalidOperationException("The grammar's mask let a token through that it does not allow.");
        return token;
    }

    public ReadOnlySpan<int> Forced()
    {
        if (held is null) return [];
        _forced.Clear();
        if (!_begun) Add(held.Before);
        _begun = true;
        while (held.State.Forced() is { Count: > 0 } run)
        {
            Add(run);
            foreach (var token in run)
                if (!held.State.Accept(token)) throw new InvalidOperationException("The grammar forced a token that it does not allow.");
        }

        if (held.State.Ended && !_closed)
        {
            Add(held.After);
            _closed = true;
        }

        return CollectionsMarshal.AsSpan(_forced);
    }

    private void Add(IReadOnlyList<int> tokens)
    {
        foreach (var token in tokens)
        {
            sampler.Accept(token);
            _forced.Add(token);
        }
    }
}
