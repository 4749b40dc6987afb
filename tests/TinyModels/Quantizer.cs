using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AgentMesh.TinyModels;

/// <summary>Numbers as the bytes of a tensor. Quantized types take blocks of 32: a half-precision scale, then the numbers in its steps.</summary>
internal static class Quantizer
{
    public const int Block = 32;

    public static long Bytes(TensorType type, long numbers) => type switch
    {
        TensorType.F32 => numbers * 4,
        TensorType.F16 => numbers * 2,
        TensorType.Q4_0 => numbers / Block * 18,
        TensorType.Q8_0 => numbers / Block * 34,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    public static void Write(TensorType type, ReadOnlySpan<float> numbers, Span<byte> bytes)
    {
        switch (type)
        {
            case TensorType.F32:
                MemoryMarshal.AsBytes(numbers).CopyTo(bytes);
                break;
            case TensorType.F16:
                for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteHalfLittleEndian(bytes[(i * 2)..], (Half)numbers[i]);
                break;
            case TensorType.Q4_0:
                for (var b = 0; b < numbers.Length / Block; b++) Nibbles(numbers.Slice(b * Block, Block), bytes.Slice(b * 18, 18));
                break;
            case TensorType.Q8_0:
                for (var b = 0; b < numbers.Length / Block; b++) Octets(numbers.Slice(b * Block, Block), bytes.Slice(b * 34, 34));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, null);
        }
    }

    /// <summary>Steps −8 to 7 of an eighth of the number farthest from zero; the block's first half in the low nibbles, its second in the high ones.</summary>
    private static void Nibbles(ReadOnlySpan<float> block, Span<byte> bytes)
    {
        var far = 0f;
        foreach (var x in block) if (MathF.Abs(x) > MathF.Abs(far)) far = x;
        var scale = far / -8;
        var inverse = scale == 0 ? 0 : 1 / scale;
        BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)scale);
        for (var i = 0; i < Block / 2; i++)
            bytes[2 + i] = (byte)(Step(block[i] * inverse) | Step(block[i + Block / 2] * inverse) << 4);

        static int Step(float x) => Math.Clamp((int)(x + 8.5f), 0, 15);
    }

    private static void Octets(ReadOnlySpan<float> block, Span<byte> bytes)
    {
        var most = 0f;
        foreach (var x in block) most = MathF.Max(most, MathF.Abs(x));
        var scale = most / 127;
        var inverse = scale == 0 ? 0 : 1 / scale;
        BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)scale);
        for (var i = 0; i < Block; i++) bytes[2 + i] = (byte)(sbyte)MathF.Round(block[i] * inverse);
    }
}
