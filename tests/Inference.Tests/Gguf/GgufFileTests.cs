using System.Buffers.Binary;
using System.Text;
using AgentMesh.Inference.Gguf;
using AgentMesh.Inference.Tests.LlamaCpp;
using AgentMesh.TinyModels;

namespace AgentMesh.Inference.Tests.Gguf;

/// <summary>The first gate for model files: good ones are read, and what is wrong with bad ones is said, at the cost of what is in them.</summary>
public sealed class GgufFileTests
{
    private static readonly byte[] Good = Bytes(TinyModel.Writer(Models.Smallest, TensorType.Q4_0, 1));

    [Fact]
    public void A_good_file_is_read()
    {
        using var path = new TemporaryFile();
        TinyModel.Save(path.Path, ModelShape.Tiny, TensorType.Q8_0);
        var file = GgufFile.Read(path.Path);
        Assert.Equal(("llama", 3, "tiny"), (file.Architecture, file.Version, file.Text("general.name")));
        Assert.Equal((64, 2048, 2), (file.Size("embedding_length"), file.Size("context_length"), file.Size("block_count")));
        Assert.Null(file.Size("no_such"));
        Assert.Equal(TinyModel.ChatTemplate, file.Text("tokenizer.chat_template"));
        Assert.Equal(new GgufValue(GgufType.String, 1024, null), file.Metadata["tokenizer.ggml.tokens"]);
        Assert.Equal(0, file.DataStart % 32);
        Assert.Equal(file.Length, file.DataStart + (file.Tensors[^1].Offset + file.Tensors[^1].Bytes + 31) / 32 * 32);
        var table = file.Tensors.Single(t => t.Name == "token_embd.weight");
        Assert.Equal([64L, 1024], table.Shape);
        Assert.Equal((8, 64 * 1024 / 32 * 34), (table.Type, table.Bytes));
    }

    [Fact]
    public void Every_cut_is_noticed()
    {
        Read(Good);
        // The last tensor's padding may be missing; its bytes may not.
        for (var length = 0; length < Good.Length - 32; length += length < 2000 ? 1 : 97) Refuses(null, Good[..length]);
        Refuses("cut off", Good[..^100]);
    }

    [Theory]
    [InlineData("does not begin with", 0, new byte[] { (byte)'g' })]
    [InlineData("version is 4", 4, new byte[] { 4 })]
    [InlineData("version is 0", 4, new byte[] { 0 })]
    [InlineData("other byte order", 4, new byte[] { 0, 0, 0, 3 })]
    [InlineData("claims 18446744073709551615 tensors", 8, new byte[] { 255, 255, 255, 255, 255, 255, 255, 255 })]
    [InlineData("no tensors", 8, new byte[] { 0, 0 })]
    [InlineData("claims 1000000 metadata keys", 16, new byte[] { 0x40, 0x42, 0x0F, 0 })]
    [InlineData("goes past its end", 24, new byte[] { 255, 255, 255, 255, 255, 255, 255, 127 })]
    public void A_wrong_header_is_refused(string problem, int at, byte[] bytes)
    {
        var bad = (byte[])Good.Clone();
        bytes.CopyTo(bad, at);
        Refuses(problem, bad);
    }

    [Fact]
    public void Hostile_metadata_is_refused()
    {
        Refuses("does not name", Written(w => w.Fact("general.name", "x")));
        Refuses("does not name", Written(w => w.Fact("general.architecture", 5)));
        Refuses("has the key a.b twice", Written(w => Named(w).Fact("a.b", 1).Fact("a.b", 2)));
        Refuses("alignment is 3", Written(w => Named(w).Fact("general.alignment", 3)));
        Refuses("alignment is 0", Written(w => Named(w).Fact("general.alignment", 0)));
        Refuses("alignment is text", Written(w => Named(w).Fact("general.alignment", "text")));
        Refuses("one of 4 parts", Written(w => Named(w).Fact("split.count", 4)));
        Refuses("a key is empty", Written(w => Named(w).Fact("", 4)));
        Refuses("unknown type 99", Patched("mark", w => Named(w).Fact("mark", 4), 0, 99));
        Refuses("array of arrays", Patched("mark", w => Named(w).Fact("mark", [1]), 4, 9));
        Refuses("claims 4294967295 elements", Patched("mark", w => Named(w).Fact("mark", [1]), 8, -1));
        Refuses("goes past its end", Patched("mark", w => Named(w).Fact("mark", ["x"]), 16, int.MaxValue));
        Refuses("boolean of", Patched("mark", w => Named(w).Fact("mark", true), 4, 7));
    }

    [Fact]
    public void Hostile_tensors_are_refused()
    {
        Refuses("tensor t twice", Written(w => Add(Named(w), "t")));
        // After the name: dimensions, sizes, type, offset.
        Refuses("5 dimensions", Patched("t", Named, 0, 5));
        Refuses("0 dimensions", Patched("t", Named, 0, 0));
        Refuses("dimension of 0", Patched("t", Named, 4, 0));
        Refuses("not a multiple of 32", Patched("t", Named, 4, 33));
        Refuses("larger than the file", Patched("t", Named, 4, int.MaxValue - 31));
        Refuses("larger than the file", Patched("t", Named, 8, int.MaxValue));
        Refuses("larger than the file", Patched("t", Named, 16, int.MaxValue));
        Refuses("unknown type 4", Patched("t", Named, 20, 4));
        Refuses("unknown type -1", Patched("t", Named, 20, -1));
        Refuses("not where the one before ends", Patched("t", Named, 24, 32));
        Refuses("larger than the file", Patched("t", Named, 28, -1));
    }

    /// <summary>A claim of a billion elements must cost nothing.</summary>
    [Fact]
    public void Claims_allocate_nothing()
    {
        var bad = Patched("mark", w => Named(w).Fact("mark", new string('x', 100)), 4, int.MaxValue);
        Refuses("past its end", bad);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refuses("past its end", bad);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void Random_damage_is_refused_or_harmless()
    {
        var random = new Random(7);
        for (var i = 0; i < 3000; i++)
        {
            var bad = Damage.Of(Good, random);
            try
            {
                Read(bad);
            }
            catch (GgufException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }
    }

    private static GgufWriter Named(GgufWriter writer) => writer.Fact("general.architecture", "llama");

    private static GgufWriter Add(GgufWriter writer, string tensor)
    {
        writer.Random(tensor, TensorType.Q4_0, 0, 1, 32, 2);
        return writer;
    }

    private static byte[] Written(Func<GgufWriter, GgufWriter> facts) => Bytes(Add(facts(new GgufWriter()), "t"));

    /// <summary>A file with four bytes changed, so many after a name's end.</summary>
    private static byte[] Patched(string name, Func<GgufWriter, GgufWriter> facts, int after, int value)
    {
        var bytes = Written(facts);
        var marked = new byte[8 + name.Length];
        BinaryPrimitives.WriteInt64LittleEndian(marked, name.Length);
        Encoding.UTF8.GetBytes(name, marked.AsSpan(8));
        var at = bytes.AsSpan().IndexOf(marked) + marked.Length;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + after), value);
        return bytes;
    }

    private static byte[] Bytes(GgufWriter writer)
    {
        using var stream = new MemoryStream();
        writer.Save(stream, 1);
        return stream.ToArray();
    }

    private static GgufFile Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return GgufFile.Read(stream, "model.gguf", default);
    }

    private static void Refuses(string? problem, byte[] bytes)
    {
        var error = Assert.Throws<GgufException>(() => Read(bytes));
        if (problem is not null) Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
