using System.Buffers;
using System.Text;
using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.LlamaCpp;

/// <summary>A model's vocabulary. The bytes of all tokens lie in one array, read once.</summary>
public sealed unsafe class LlamaTokenizer : ITokenizer
{
    [Flags]
    private enum Kind : byte
    {
        None = 0,
        Control = 1,
        End = 2,
    }

    /// <summary>Tokens of unknown, unused or control kind stand for no text.</summary>
    private const int NoText = 1 << 0 | 1 << 1 | 1 << 3;

    private readonly LlamaModel _model;
    private readonly nint _vocabulary;
    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly Kind[] _kinds;

    internal LlamaTokenizer(LlamaModel model)
    {
        _model = model;
        _vocabulary = NativeMethods.ModelVocabulary(model.Handle);
        if (NativeMethods.VocabularyType(_vocabulary) == 0) throw new LlamaException($"{model.Path} has no vocabulary.");
        Size = NativeMethods.VocabularySize(_vocabulary);
        _starts = new int[Size + 1];
        _kinds = new Kind[Size];
        var bytes = new ArrayBufferWriter<byte>(Size * 8);
        for (var token = 0; token < Size; token++)
        {
            _starts[token] = bytes.WrittenCount;
            if (NativeMethods.TokenControls(_vocabulary, token)) _kinds[token] |= Kind.Control;
            if (NativeMethods.TokenEnds(_vocabulary, token)) _kinds[token] |= Kind.End;
            if ((NativeMethods.TokenAttributes(_vocabulary, token) & NoText) == 0) Piece(token, bytes);
        }

        _starts[Size] = bytes.WrittenCount;
        _bytes = bytes.WrittenSpan.ToArray();
        Begin = NativeMethods.TokenBegin(_vocabulary) is >= 0 and var begin ? begin : null;
        End = NativeMethods.TokenEnd(_vocabulary) is >= 0 and var end ? end : null;
    }

    public int Size { get; }

    /// <summary>The model's start and end tokens, where it has them; templates name them.</summary>
    public int? Begin { get; }

    public int? End { get; }

    public IReadOnlyList<int> Tokenize(string text, bool special, bool start)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            var length = Encoding.UTF8.GetBytes(text, bytes);
            // A token stands for at least one byte, but for those at the start and the end.
            var tokens = ArrayPool<int>.Shared.Rent(length + 4);
            try
            {
                var count = Tokenize(bytes.AsSpan(0, length), tokens, special, start);
                if (count < 0) throw new LlamaException($"llama.cpp cannot tokenize a text of {length} bytes.");
                return tokens.AsSpan(0, count).ToArray();
            }
            finally
            {
                ArrayPool<int>.Shared.Return(tokens);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    public ReadOnlySpan<byte> Bytes(int token) => _bytes.AsSpan(_starts[token].._starts[token + 1]);

    /// <summary>The token as it is written, control tokens too: <c>&lt;|im_start|&gt;</c>.</summary>
    public string Name(int token)
    {
        var bytes = new ArrayBufferWriter<byte>();
        Piece(token, bytes, special: true);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    public bool IsEnd(int token) => (_kinds[token] & Kind.End) != Kind.None;
    public bool IsControl(int token) => (_kinds[token] & Kind.Control) != Kind.None;

    private int Tokenize(ReadOnlySpan<byte> text, Span<int> tokens, bool special, bool start)
    {
        var held = false;
        try
        {
            _model.Handle.DangerousAddRef(ref held);
            fixed (byte* t = text)
            fixed (int* into = tokens)
            {
                byte none = 0;
                return NativeMethods.Tokenize(_vocabulary, t is null ? &none : t, text.Length, into, tokens.Length, start, special);
            }
        }
        finally
        {
            if (held) _model.Handle.DangerousRelease();
        }
    }

    private void Piece(int token, ArrayBufferWriter<byte> bytes, bool special = false)
    {
        for (var size = 64; ;)
        {
            fixed (byte* into = bytes.GetSpan(size))
            {
                var length = NativeMethods.Piece(_vocabulary, token, into, size, 0, special);
                if (length >= 0)
                {
                    bytes.Advance(length);
                    return;
                }

                size = -length;
            }
        }
    }
}
