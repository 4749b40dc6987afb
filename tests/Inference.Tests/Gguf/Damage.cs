using System.Buffers.Binary;

namespace AgentMesh.Inference.Tests.Gguf;

/// <summary>Files as they come out of bad disks and bad intentions.</summary>
internal static class Damage
{
    private static readonly long[] Telling = [0, 1, -1, 2, 3, 7, 31, 32, 33, 64, 255, 256, 512, 1 << 16, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 1L << 40];

    /// <summary>One to four changes, most of them in the header: single bits and bytes, telling numbers, parts left out or doubled, a cut.</summary>
    public static byte[] Of(byte[] good, Random random)
    {
        var bytes = good;
        for (var change = random.Next(1, 5); change > 0; change--) bytes = Change(bytes, random);
        return bytes;
    }

    private static byte[] Change(byte[] good, Random random)
    {
        var bytes = (byte[])good.Clone();
        var header = Math.Min(bytes.Length - 16, random.Next(3) == 0 ? bytes.Length : 12_000);
        if (header <= 0) return bytes;
        var at = random.Next(header);
        switch (random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1 or 2:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 3 or 4:
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), (int)Telling[random.Next(Telling.Length)]);
                return bytes;
            case 5:
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), Telling[random.Next(Telling.Length)]);
                return bytes;
            case 6:
                return bytes[..random.Next(bytes.Length)];
            default:
                var part = random.Next(1, 16);
                return random.Next(2) == 0 ? [.. bytes[..at], .. bytes[(at + part)..]] : [.. bytes[..(at + part)], .. bytes[at..]];
        }
    }
}
