using System.Globalization;
using System.Numerics;

namespace AgentMesh.Inference.Gguf;

/// <summary>
/// What a model file says of itself, read and checked without the library that loads models: it is the first gate for a file from outside.
/// Everything is held against the file's length; nothing is allocated by a size that the file only claims.
/// </summary>
public sealed class GgufFile
{
    private const int MostKeys = 10_000;
    private const int MostTensors = 20_000;
    private const int MostDimensions = 4;
    private const int LongestTensorName = 63;
    private const int LongestKey = 65_535;
    private const int LongestText = 16 << 20;
    private const long MostAlignment = 1 << 20;

    private GgufFile(string path, long length, DateTime written, int version, IReadOnlyDictionary<string, GgufValue> metadata, IReadOnlyList<GgufTensor> tensors, long dataStart) =>
        (Path, Length, Written, Version, Metadata, Tensors, DataStart) = (path, length, written, version, metadata, tensors, dataStart);

    /// <summary>From the root.</summary>
    public string Path { get; }

    public long Length { get; }

    /// <summary>When the file was last changed, UTC.</summary>
    public DateTime Written { get; }

    public int Version { get; }
    public IReadOnlyDictionary<string, GgufValue> Metadata { get; }

    /// <summary>In the file's order.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>Where the tensors' bytes begin.</summary>
    public long DataStart { get; }

    public string Architecture => (string)Metadata["general.architecture"].Value!;

    /// <summary>A text of the metadata; null where it is absent or no text.</summary>
    public string? Text(string key) => Metadata.TryGetValue(key, out var value) ? value.Value as string : null;

    /// <summary>A whole number of the metadata, by its key after the architecture's name: <c>context_length</c>, <c>embedding_length</c>, ….</summary>
    public long? Size(string key) => Metadata.TryGetValue($"{Architecture}.{key}", out var value) ? value.Whole : null;

    /// <exception cref="GgufException">It is not a model file, or is damaged, cut off or hostile.</exception>
    /// <exception cref="IOException">It cannot be read, or is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static GgufFile Read(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        using var file = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        return Read(file, full, File.GetLastWriteTimeUtc(full));
    }

    /// <param name="name">Of the file, for messages.</param>
    /// <param name="part">Whether a part of a model will do, which may be one without tensors.</param>
    internal static GgufFile Read(Stream stream, string name, DateTime written, bool part = false)
    {
        var reader = new GgufReader(stream, name);
        var version = Header(reader);
        var tensorCount = reader.Count("tensors", MostTensors);
        var keyCount = reader.Count("metadata keys", MostKeys);

        var metadata = new Dictionary<string, GgufValue>(StringComparer.Ordinal);
        for (var i = 0; i < keyCount; i++) ReadKey(reader, metadata);
        var isPart = metadata.TryGetValue("split.count", out var parts) && parts.Whole is not (0 or 1);
        if (!(part && isPart) && (!metadata.TryGetValue("general.architecture", out var architecture) || architecture.Value is not string { Length: > 0 }))
            throw reader.Fails("it does not name the model's architecture");
        if (tensorCount == 0 && !(part && isPart)) throw reader.Fails("it has no tensors");
        if (isPart && !part)
            throw reader.Fails($"it is one of {parts.Whole?.ToString(CultureInfo.InvariantCulture) ?? "several"} parts; join them to one file first (llama-gguf-split --merge)");
        var alignment = Alignment(reader, metadata);

        var tensors = new List<GgufTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        long offset = 0;
        for (var i = 0; i < tensorCount; i++)
        {
            var tensor = ReadTensor(reader, names);
            if (tensor.Offset != offset) throw reader.Fails($"tensor {tensor.Name} is at {tensor.Offset}, not where the one before ends ({offset})");
            offset = Padded(tensor.Offset, tensor.Bytes, alignment) ?? throw TooLarge(reader, tensor.Name);
            tensors.Add(tensor);
        }

        var start = Padded(0, reader.Position, alignment) ?? throw TooLarge(reader, "header");
        var end = tensors.Count == 0 ? 0 : tensors[^1].Offset + tensors[^1].Bytes;
        if (end > stream.Length - start)
            throw reader.Fails($"it ends after {stream.Length} bytes, but its tensors take {(Int128)start + end}; it was cut off (download it again)");
        return new GgufFile(name, stream.Length, written, version, metadata, tensors, start);
    }

    private static int Header(GgufReader reader)
    {
        if (!reader.Bytes(4, "the first four bytes").SequenceEqual("GGUF"u8)) throw reader.Fails("it does not begin with 'GGUF'");
        var version = reader.UInt32("the version");
        if ((version & 0xFFFF) == 0 && version != 0) throw reader.Fails("it was written for machines with the other byte order");
        return version is 2 or 3 ? (int)version : throw reader.Fails($"its version is {version}; 2 and 3 are known");
    }

    private static void ReadKey(GgufReader reader, Dictionary<string, GgufValue> metadata)
    {
        var key = reader.Text("a key", LongestKey);
        if (key.Length == 0) throw reader.Fails("a key is empty");
        if (metadata.ContainsKey(key)) throw reader.Fails($"it has the key {key} twice");
        var type = reader.Type(key);
        if (type != GgufType.Array)
        {
            metadata.Add(key, new GgufValue(type, null, reader.Value(type, key, LongestText)));
            return;
        }

        var element = reader.Type(key);
        if (element == GgufType.Array) throw reader.Fails($"{key} is an array of arrays");
        metadata.Add(key, new GgufValue(element, reader.SkipArray(element, key), null));
    }

    private static long Alignment(GgufReader reader, Dictionary<string, GgufValue> metadata)
    {
        if (!metadata.TryGetValue("general.alignment", out var value)) return 32;
        return value.Value is uint alignment and > 0 and <= (uint)MostAlignment && BitOperations.IsPow2(alignment)
            ? alignment
            : throw reader.Fails($"its alignment is {value.Value ?? "an array"}, not a power of two up to {MostAlignment}");
    }

    private static GgufTensor ReadTensor(GgufReader reader, HashSet<string> names)
    {
        var name = reader.Text("a tensor's name", LongestTensorName);
        if (name.Length == 0 || name.Contains('\0')) throw reader.Fails("a tensor has no name");
        if (!names.Add(name)) throw reader.Fails($"it has the tensor {name} twice");
        var dimensions = reader.UInt32(name);
        if (dimensions is 0 or > MostDimensions) throw reader.Fails($"tensor {name} has {dimensions} dimensions; 1 to {MostDimensions} are possible");
        var shape = new long[dimensions];
        Int128 numbers = 1;
        for (var i = 0; i < dimensions; i++)
        {
            shape[i] = (long)Math.Min(reader.UInt64(name), long.MaxValue);
            if (shape[i] == 0) throw reader.Fails($"tensor {name} has a dimension of 0");
            numbers *= shape[i];
            if (numbers > long.MaxValue / 8) throw TooLarge(reader, name);
        }

        var type = (int)reader.UInt32(name);
        var stored = TensorTypes.Of(type) ?? throw reader.Fails($"tensor {name} has the unknown type {type}");
        if (shape[0] % stored.Block != 0) throw reader.Fails($"tensor {name} ({stored.Name}) has rows of {shape[0]}, not a multiple of {stored.Block}");
        var bytes = (long)numbers / stored.Block * stored.Bytes;
        var offset = reader.UInt64(name);
        if (bytes > reader.Length || offset > (ulong)reader.Length) throw TooLarge(reader, name);
        return new GgufTensor(name, shape, type, (long)offset, bytes);
    }

    private static long? Padded(long start, long bytes, long alignment)
    {
        var end = ((Int128)start + bytes + alignment - 1) / alignment * alignment;
        return end <= long.MaxValue ? (long)end : null;
    }

    private static GgufException TooLarge(GgufReader reader, string name) => reader.Fails($"tensor {name} is larger than the file ({reader.Length} bytes)");
}
