using System.Text;
using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.Grammars;

/// <summary>A vocabulary of all single bytes and made-up longer tokens; text becomes the longest tokens that fit. Token 0 ends, token 1 is a control token.</summary>
internal sealed class TestTokenizer : ITokenizer
{
    private const string Syntax = "{}[]\":,0123456789-.eE\\untrfalse ";

    private readonly List<byte[]> tokens = [[], []];
    private readonly Dictionary<string, int> byText = new(StringComparer.Ordinal);
    private readonly int longest;

    public TestTokenizer(IEnumerable<string> words, int more, int seed)
    {
        var random = new Random(seed);
        for (var value = 0; value < 256; value++) Add([(byte)value]);
        foreach (var word in words) Add(Encoding.UTF8.GetBytes(word));
        while (more-- > 0)
        {
            var text = new StringBuilder();
            for (var length = random.Next(2, 7); length > 0; length--)
                text.Append(random.Next(8) switch { 0 => 'é', 1 => '中', 2 or 3 => (char)random.Next('a', 'z' + 1), _ => Syntax[random.Next(Syntax.Length)] });
            var bytes = Encoding.UTF8.GetBytes(text.ToString());
            // Some tokens are parts of characters.
            Add(random.Next(4) == 0 ? bytes[random.Next(2)..] : bytes);
        }

        longest = tokens.Max(t => t.Length);
    }

    public static TestTokenizer Small { get; } = new(["{\"", "\":", "\",\"", "\":\"", "\"}", "},{\"", "]}", ",\"", "[\"", "\\\"", "true", "null", "false", "\":[", "    ", "12", "345", "a,b\"", "0.5"], 400, 7);

    public int Size => tokens.Count;

    public ReadOnlySpan<byte> Bytes(int token) => tokens[token];

    public bool IsEnd(int token) => token == 0;

    public bool IsControl(int token) => token == 1;

    public static int Byte(byte value) => 2 + value;

    public IReadOnlyList<int> Tokenize(string text, bool special, bool start)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var result = new List<int>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(longest, bytes.Length - at);
            while (!byText.ContainsKey(Convert.ToHexString(bytes, at, length))) length--;
            result.Add(byText[Convert.ToHexString(bytes, at, length)]);
            at += length;
        }

        return result;
    }

    private void Add(byte[] bytes)
    {
        if (bytes.Length > 0 && byText.TryAdd(Convert.ToHexString(bytes), tokens.Count)) tokens.Add(bytes);
    }
}
