using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.Grammars;

/// <summary>
/// Writes the bytes that must come as tokens. They are what the model's tokenizer makes of these bytes alone, for that is what the model has learned to see;
/// where it adds something of its own (some put a space in front), the longest tokens that fit are taken. The run is cut before the first token from which on
/// another token would cover the rest and go on with something that the grammar allows: the model itself might write that one.
/// </summary>
internal sealed class ForcedTokens(ITokenizer tokenizer, TokenTrie trie)
{
    private const int MaxBytes = 4_096;

    public int[] At(Stack stack)
    {
        var bytes = new List<byte>();
        while (bytes.Count < MaxBytes && stack.Only() is >= 0 and var value)
        {
            bytes.Add((byte)value);
            stack = stack.Step((byte)value)!;
        }

        if (bytes.Count == 0) return [];
        var run = CollectionsMarshal.AsSpan(bytes);
        var tokens = Written(run) ?? Longest(run);
        var start = 0;
        for (var i = 0; i < tokens.Count; i++)
        {
            if (Continues(run[start..], stack)) return [.. tokens.Take(i)];
            start += tokenizer.Bytes(tokens[i]).Length;
        }

        return [.. tokens];
    }

    private bool Continues(ReadOnlySpan<byte> rest, Stack stack)
    {
        var node = trie.Find(0, rest);
        if (node < 0) return false;
        for (var child = node + 1; child < trie.Skip(node); child = trie.Skip(child))
            if (stack.Step(trie.Label(child)) is not null) return true;
        return false;
    }

    private IReadOnlyList<int>? Written(ReadOnlySpan<byte> run)
    {
        if (!Utf8.IsValid(run)) return null;
        var tokens = tokenizer.Tokenize(Encoding.UTF8.GetString(run), special: false, start: false);
        var rest = run;
        foreach (var token in tokens)
        {
            var bytes = tokenizer.Bytes(token);
            if (bytes.Length == 0 || bytes.Length > trie.Longest || tokenizer.IsControl(token) || tokenizer.IsEnd(token) || !rest.StartsWith(bytes)) return null;
            rest = rest[bytes.Length..];
        }

        return rest.IsEmpty ? tokens : null;
    }

    private List<int> Longest(ReadOnlySpan<byte> run)
    {
        var tokens = new List<int>();
        while (!run.IsEmpty)
        {
            var (node, best, length) = (0, -1, 0);
            for (var i = 0; i < run.Length && (node = trie.Child(node, run[i])) >= 0; i++)
                if (trie.Tokens(node) is [var token, ..]) (best, length) = (token, i + 1);
            // Without a token for a byte the run ends; the mask will say what is missing.
            if (best < 0) break;
            tokens.Add(best);
            run = run[length..];
        }

        return tokens;
    }
}
