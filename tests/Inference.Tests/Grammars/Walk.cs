using System.Text;
using System.Text.Json;
using AgentMesh.Agents.Schema;

namespace AgentMesh.Inference.Grammars;

/// <summary>Random walks through a grammar by its masks.</summary>
internal static class Walk
{
    private const int Wild = 60;
    private const int Most = 5_000;

    /// <summary>Tokens by chance until one ends; after a while those that bring the end nearer.</summary>
    public static string Run(GrammarVocabulary vocabulary, TestTokenizer tokenizer, Grammar grammar, Random random, Action<GrammarState>? each = null)
    {
        var state = vocabulary.Start(grammar);
        var text = new List<byte>();
        for (var step = 0; step < Most; step++)
        {
            each?.Invoke(state);
            var token = Pick(state.Mask(), tokenizer, random, step);
            if (!state.Accept(token)) throw new InvalidOperationException($"The mask allows {token}, the state does not, after {Encoding.UTF8.GetString([.. text])}");
            if (tokenizer.IsEnd(token)) return Encoding.UTF8.GetString([.. text]);
            text.AddRange(tokenizer.Bytes(token));
        }

        throw new InvalidOperationException($"No end in sight: {Encoding.UTF8.GetString([.. text])}");
    }

    /// <summary>Asserts that the text is JSON that obeys the schema, by the checker that the agents use.</summary>
    public static void Obeys(string schema, string text)
    {
        var value = Contracts.MeshJson.Parse(text);
        Assert.Equal([], SchemaValidator.Validate(Contracts.MeshJson.Parse(schema), value));
    }

    public static List<int> Allowed(ReadOnlySpan<ulong> mask)
    {
        var tokens = new List<int>();
        for (var token = 0; token < mask.Length * 64; token++)
            if ((mask[token >> 6] >> token & 1) != 0) tokens.Add(token);
        return tokens;
    }

    public static JsonElement Json(string text) => Contracts.MeshJson.Parse(text);

    private static int Pick(ReadOnlySpan<ulong> mask, TestTokenizer tokenizer, Random random, int step)
    {
        if (step > Wild && (mask[0] & 1) != 0) return 0;
        var allowed = Allowed(mask);
        if (step > Wild && random.Next(4) > 0)
            foreach (var value in "\"}]nf0a,:"u8)
                if (allowed.Contains(TestTokenizer.Byte(value))) return TestTokenizer.Byte(value);
        return allowed[random.Next(allowed.Count)];
    }
}
