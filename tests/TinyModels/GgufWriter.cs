using System.Text;

namespace AgentMesh.TinyModels;

/// <summary>Writes a GGUF file: what is known of the model, the list of its tensors, then their bytes, one after another straight to the disk.</summary>
public sealed class GgufWriter
{
    private const int Alignment = 32;
    private readonly List<(string Key, Action<BinaryWriter> Value)> _facts = [];
    private readonly List<Tensor> _tensors = [];

    private sealed record Tensor(string Name, TensorType Type, long[] Shape, float Mean, float Deviation)
    {
        public long Numbers => Shape.Aggregate(1L, (a, b) => a * b);
    }

    public GgufWriter Fact(string key, string value) => Add(key, w => { w.Write(8); Text(w, value); });
    public GgufWriter Fact(string key, int value) => Add(key, w => { w.Write(4); w.Write(value); });
    public GgufWriter Fact(string key, float value) => Add(key, w => { w.Write(6); w.Write(value); });
    public GgufWriter Fact(string key, bool value) => Add(key, w => { w.Write(7); w.Write(value); });

    public GgufWriter Fact(string key, IReadOnlyCollection<string> values) =>
        Add(key, w => { w.Write(9); w.Write(8); w.Write((long)values.Count); foreach (var v in values) Text(w, v); });

    public GgufWriter Fact(string key, IReadOnlyCollection<int> values) =>
        Add(key, w => { w.Write(9); w.Write(5); w.Write((long)values.Count); foreach (var v in values) w.Write(v); });

    public GgufWriter Fact(string key, IReadOnlyCollection<float> values) =>
        Add(key, w => { w.Write(9); w.Write(6); w.Write((long)values.Count); foreach (var v in values) w.Write(v); });

    /// <param name="shape">Numbers of a row first.</param>
    public void Random(string name, TensorType type, float mean, float deviation, params long[] shape) =>
        _tensors.Add(new Tensor(name, type, shape, mean, deviation));

    public void Save(string path, int seed)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        Save(file, seed);
    }

    public void Save(Stream stream, int seed)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write((long)_tensors.Count);
        writer.Write((long)_facts.Count);
        foreach (var (key, value) in _facts)
        {
            Text(writer, key);
            value(writer);
        }

        var offset = 0L;
        foreach (var tensor in _tensors)
        {
            Text(writer, tensor.Name);
            writer.Write(tensor.Shape.Length);
            foreach (var size in tensor.Shape) writer.Write(size);
            writer.Write((int)tensor.Type);
            writer.Write(offset);
            offset += Padded(Quantizer.Bytes(tensor.Type, tensor.Numbers));
        }

        Pad(writer, stream.Position);
        foreach (var tensor in _tensors) Write(writer, tensor, seed);
    }

    private static void Write(BinaryWriter writer, Tensor tensor, int seed)
    {
        const int Most = 1 << 16;
        var dice = new Dice(seed, tensor.Name);
        var numbers = new float[Math.Min(Most, tensor.Numbers)];
        var bytes = new byte[Quantizer.Bytes(tensor.Type, numbers.Length)];
        for (long done = 0; done < tensor.Numbers; done += numbers.Length)
        {
            var now = (int)Math.Min(numbers.Length, tensor.Numbers - done);
            dice.Fill(numbers.AsSpan(0, now), tensor.Mean, tensor.Deviation);
            var part = bytes.AsSpan(0, (int)Quantizer.Bytes(tensor.Type, now));
            Quantizer.Write(tensor.Type, numbers.AsSpan(0, now), part);
            writer.Write(part);
        }

        Pad(writer, Quantizer.Bytes(tensor.Type, tensor.Numbers));
    }

    private GgufWriter Add(string key, Action<BinaryWriter> value)
    {
        _facts.Add((key, value));
        return this;
    }

    private static void Text(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((long)bytes.Length);
        writer.Write(bytes);
    }

    private static long Padded(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private static void Pad(BinaryWriter writer, long bytes)
    {
        for (var i = bytes; i < Padded(bytes); i++) writer.Write((byte)0);
    }
}
