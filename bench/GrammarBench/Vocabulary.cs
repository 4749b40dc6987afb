using System.Text;
using AgentMesh.Inference.Decoding;

namespace AgentMesh.GrammarBench;

/// <summary>A made-up vocabulary in the shape of a large model's: all bytes, runs of white space and signs, words with and without a space in front, digits, other scripts.</summary>
internal sealed class Vocabulary : ITokenizer
{
    private readonly List<byte[]> tokens = [[]];
    private readonly Dictionary<string, int> byText = new(StringComparer.Ordinal);
    private readonly int longest;

    public Vocabulary(int size, string text)
    {
        var random = new Random(1);
        for (var value = 0; value < 256; value++) Add([(byte)value]);
        string[] syntax =
        [
            "{\"", "\":\"", "\":[\"", "\":", "\",\"", "\"],\"", "\":[{\"", "null", "},{\"", "\"]", "\"}", "}]", ",\"", "[\"", "},\"", "]}", ":{\"", "\"]}", ".\"", ".\",", "\",", "\"", "true", "false", "\\\"", "\\n",
        ];
        foreach (var one in syntax) Add(Encoding.UTF8.GetBytes(one));
        for (var i = 2; i <= 128; i++)
            foreach (var sign in " -=*#_.\n/") Add(Encoding.UTF8.GetBytes(new string(sign, i)));
        foreach (var word in text.Split([' ', '"', ',', ':', '{', '}', '[', ']', '.'], StringSplitOptions.RemoveEmptyEntries))
        {
            Add(Encoding.UTF8.GetBytes(word));
            Add(Encoding.UTF8.GetBytes(" " + word));
        }

        string[] parts = ["an", "er", "tion", "st", "re", "in", "al", "con", "de", "ma", "ble", "pro", "ing", "ed", "ly", "ter", "sh", "ou", "qu", "ka", "zi", "vo"];
        while (tokens.Count < size)
        {
            var word = string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => parts[random.Next(parts.Length)]));
            Add(Encoding.UTF8.GetBytes(random.Next(20) switch
            {
                < 8 => " " + word,
                < 13 => word,
                < 15 => char.ToUpperInvariant(word[0]) + word[1..],
                < 16 => "\"" + word,
                < 17 => word + random.Next(4) switch { 0 => "\",", 1 => "\":", 2 => "()", _ => ";\n" },
                < 18 => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => (char)random.Next(0x4E00, 0x9FA0))),
                _ => string.Concat(Enumerable.Range(0, random.Next(2, 7)).Select(_ => (char)random.Next(0x410, 0x450))),
            }));
        }

        longest = tokens.Max(t => t.Length);
    }

    public int Size => tokens.Count;

    public ReadOnlySpan<byte> Bytes(int token) => tokens[token];

    public bool IsEnd(int token) => token == 0;

    public bool IsControl(int token) => token == 0;

    /// <summary>The token of exactly these bytes, or -1.</summary>
    public int Find(ReadOnlySpan<byte> bytes) => byText.TryGetValue(Convert.ToHexString(bytes), out var token) ? token : -1;

    public IReadOnlyList<int> Tokenize(string text, bool special, bool start)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var result = new List<int>();
        for (var at = 0; at < bytes.Length; at += tokens[result[^1]].Length)
        {
            var length = Math.Min(longest, bytes.Length - at);
            int token;
            while (!byText.TryGetValue(Convert.ToHexString(bytes, at, length), out token)) length--;
            result.Add(token);
        }

        return result;
    }

    private void Add(byte[] bytes)
    {
        if (byText.TryAdd(Convert.ToHexString(bytes), tokens.Count)) tokens.Add(bytes);
    }
}
