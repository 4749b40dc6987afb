using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace AgentMesh.Storage.Journal;

/// <summary>
/// Brotli at its fastest, which halves an append's JSON in a few microseconds: fewer bytes to sync and to keep. Packed bytes begin with
/// <see cref="Mark"/> and the length before packing; anything else is as it was.
/// </summary>
internal static class PackedBytes
{
    /// <summary>No JSON begins with it.</summary>
    private const byte Mark = 1;
    private const int Header = 5;
    private const int TooSmallToGain = 256;
    private const int Quality = 1;

    public static byte[] Pack(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < TooSmallToGain) return bytes.ToArray();
        var packed = ArrayPool<byte>.Shared.Rent(bytes.Length);
        try
        {
            // A small window costs less to set up; a large append gains from a large one.
            var window = bytes.Length <= 4096 ? 12 : bytes.Length <= 262_144 ? 18 : 22;
            if (!BrotliEncoder.TryCompress(bytes, packed.AsSpan(Header, bytes.Length - Header), out var length, Quality, window)) return bytes.ToArray();
            packed[0] = Mark;
            BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(1), bytes.Length);
            return packed.AsSpan(0, Header + length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    /// <exception cref="InvalidDataException">The bytes were changed since they were packed.</exception>
    public static ReadOnlySpan<byte> Unpack(ReadOnlySpan<byte> stored)
    {
        if (stored.Length < Header || stored[0] != Mark) return stored;
        var bytes = new byte[BinaryPrimitives.ReadInt32LittleEndian(stored[1..])];
        return BrotliDecoder.TryDecompress(stored[Header..], bytes, out var length) && length == bytes.Length
            ? bytes
            : throw new InvalidDataException("A row of the journal is damaged: it cannot be unpacked. Restore the database from a backup.");
    }
}
