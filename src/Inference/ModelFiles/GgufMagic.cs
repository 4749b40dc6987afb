using System.Buffers.Binary;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>Whether a file begins as a GGUF file does. Its whole header is read when it is loaded.</summary>
internal static class GgufMagic
{
    /// <returns>What is wrong, in words that follow the file's name; null when nothing is.</returns>
    public static string? Fault(string path)
    {
        Span<byte> head = stackalloc byte[8];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length) return "is too short to be a GGUF file";
        if (!head[..4].SequenceEqual("GGUF"u8)) return "is no GGUF file";
        return BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) switch
        {
            2 or 3 => null,
            var version when BinaryPrimitives.ReverseEndianness(version) is > 0 and < 256 => "is a big-endian GGUF file, for other machines",
            var version => $"has GGUF version {version}; 2 and 3 can be read",
        };
    }
}
