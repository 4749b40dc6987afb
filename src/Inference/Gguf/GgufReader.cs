using System.Buffers.Binary;
using System.Text;

namespace AgentMesh.Inference.Gguf;

/// <summary>Reads a file's parts in their order. A part that the file is too short for, or that is too long to be one, is an error before anything is allocated for it.</summary>
internal sealed class GgufReader(Stream stream, string name)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly byte[] _small = new byte[8];

    public long Length { get; } = stream.Length;
    public long Position { get; private set; }

    private long Left => Length - Position;

    public GgufException Fails(string problem) => new(name, problem);

    public ReadOnlySpan<byte> Bytes(int count, string what)
    {
        if (count > Left) throw Fails($"it ends within {what}");
        var bytes = count <= _small.Length ? _small.AsSpan(0, count) : new byte[count];
        stream.ReadExactly(bytes);
        Position += count;
        return bytes;
    }

    public uint UInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4, what));
    public ulong UInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8, what));

    public int Count(string what, int most)
    {
        var count = UInt64($"the number of {what}");
        return count <= (ulong)most ? (int)count : throw Fails($"it claims {count} {what}; {most} is the most");
    }

    public string Text(string what, int longest)
    {
        var length = UInt64(what);
        if (length > (ulong)Left) throw Fails($"{what} of {length} bytes goes past its end");
        if (length > (ulong)longest) throw Fails($"{what} has {length} bytes; {longest} is the most");
        if (length == 0) return "";
        try
        {
            return Utf8.GetString(Bytes((int)length, what));
        }
        catch (DecoderFallbackException)
        {
            throw Fails($"{what} is not UTF-8");
        }
    }

    public GgufType Type(string key)
    {
        var type = UInt32(key);
        return type <= (uint)GgufType.Float64 ? (GgufType)type : throw Fails($"{key} has the unknown type {type}");
    }

    public object Value(GgufType type, string key, int longest) => type switch
    {
        GgufType.UInt8 => Bytes(1, key)[0],
        GgufType.Int8 => (sbyte)Bytes(1, key)[0],
        GgufType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2, key)),
        GgufType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(Bytes(2, key)),
        GgufType.UInt32 => UInt32(key),
        GgufType.Int32 => (int)UInt32(key),
        GgufType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(Bytes(4, key)),
        GgufType.Boolean => Boolean(Bytes(1, key)[0], key),
        GgufType.String => Text(key, longest),
        GgufType.UInt64 => UInt64(key),
        GgufType.Int64 => (long)UInt64(key),
        GgufType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(Bytes(8, key)),
        _ => throw Fails($"{key} has the unknown type {(int)type}"),
    };

    /// <summary>Checks an array's size, and that each of its texts lies within the file; keeps none.</summary>
    /// <returns>Its elements.</returns>
    public long SkipArray(GgufType element, string key)
    {
        var count = UInt64(key);
        // A text takes at least the eight bytes of its length.
        var size = element switch
        {
            GgufType.UInt8 or GgufType.Int8 or GgufType.Boolean => 1,
            GgufType.UInt16 or GgufType.Int16 => 2,
            GgufType.UInt32 or GgufType.Int32 or GgufType.Float32 => 4,
            _ => 8,
        };
        if (count > (ulong)(Left / size)) throw Fails($"{key} claims {count} elements and goes past its end");
        if (element != GgufType.String)
        {
            Skip((long)count * size);
            return (long)count;
        }

        for (ulong i = 0; i < count; i++)
        {
            var length = UInt64(key);
            if (length > (ulong)Left) throw Fails($"{key} has a text of {length} bytes that goes past its end");
            Skip((long)length);
        }

        return (long)count;
    }

    private bool Boolean(byte value, string key) => value <= 1 ? value == 1 : throw Fails($"{key} is a boolean of {value}");

    private void Skip(long bytes)
    {
        if (bytes == 0) return;
        stream.Seek(bytes, SeekOrigin.Current);
        Position += bytes;
    }
}
