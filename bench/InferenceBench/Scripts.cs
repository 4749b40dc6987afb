using System.Text;
using AgentMesh.GrammarBench;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.Grammars;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>Plans as a model writes them, with other words for each seed.</summary>
internal static class Plans
{
    private static readonly string[] Words =
    [
        "the", "invoice", "order", "terms", "customer", "find", "answer", "with", "check", "against", "contract", "amount", "late", "refund", "ticket", "write", "short",
        "reply", "policy", "of", "and", "for", "a", "date", "total", "missing", "delivery", "read", "compare", "draft",
    ];

    private static readonly string[] Names = ["read", "check", "write", "find", "reply", "passages", "facts", "writer", "retriever", "analyst", "email-1", "knowledge.search"];

    /// <summary>All that plans are made of.</summary>
    public static string Text => string.Join(' ', [.. Words, .. Names, "reason", "steps", "id", "role", "instruction", "inputs", "produces", "when", "tools", "deliver"]);

    public static string Of(int seed)
    {
        var random = new Random(seed);
        var steps = Enumerable.Range(0, random.Next(2, 5)).Select(_ =>
            $$"""{"id":"{{Name()}}","role":"{{Name()}}","instruction":"{{Sentence()}}","inputs":["{{Name()}}"],"produces":"{{Name()}}","when":null,"tools":{{(random.Next(2) == 0 ? "null" : $"[\"{Name()}\"]")}}}""");
        return $$"""{"reason":"{{Sentence()}}","steps":[{{string.Join(',', steps)}}],"deliver":["{{Name()}}"]}""";

        string Name() => Names[random.Next(Names.Length)];
        string Sentence() => string.Join(' ', Enumerable.Range(0, random.Next(8, 16)).Select(_ => Words[random.Next(Words.Length)])) + ".";
    }
}

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
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_forced);
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
