using AgentMesh.Inference.Gguf;
using AgentMesh.Inference.LlamaCpp;
using static AgentMesh.Inference.Tests.LlamaCpp.Models;

namespace AgentMesh.Inference.Tests.LlamaCpp;

public sealed class LibraryTests
{
    [Fact]
    public void It_is_found_upward_from_the_program_and_loaded_once()
    {
        Assert.Same(Library, LlamaLibrary.Load("/nowhere"));
        Assert.StartsWith(NativeLayout.Version, Library.Version, StringComparison.Ordinal);
        Assert.Equal("cpu", Library.Devices[^1].Name);
        Assert.True(Library.Devices[^1].TotalBytes > 0);
    }

    [Fact]
    public void Sizes_of_tensor_types_are_the_librarys()
    {
        _ = Library;
        foreach (var type in TensorTypes.All)
        {
            var known = TensorTypes.Of(type)!.Value;
            Assert.Equal((type, known.Block, known.Bytes), (type, (int)NativeMethods.BlockSize(type), (int)NativeMethods.TypeSize(type)));
        }
    }

    [Fact]
    public void A_field_that_moved_is_noticed()
    {
        _ = Library;
        var (model, context) = (NativeMethods.ModelDefaults(), NativeMethods.ContextDefaults());
        NativeLayout.Check("0.5.0-dev", model, context);
        Refuses("n_gpu_layers", model with { GpuLayers = 999 }, context);
        Refuses("use_extra_bufts", model with { ExtraBufferTypes = 0, NoHost = 1 }, context);
        Refuses("n_ctx", model, context with { Cells = 2048, Batch = 512 });
        Refuses("pooling_type", model, context with { RopeScaling = 0 });
        Refuses("type_k", model, context with { TypeK = 0 });
        Refuses("kv_unified", model, context with { KvUnified = 1 });

        static void Refuses(string field, NativeModelParams model, NativeContextParams context) =>
            Assert.Contains(field, Assert.Throws<LlamaException>(() => NativeLayout.Check("0.5.0", model, context)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.6.0")]
    [InlineData("0.5.01")]
    [InlineData("?")]
    public void Another_version_is_named_with_the_one_that_is_needed(string version)
    {
        var error = Assert.Throws<LlamaException>(() => NativeLayout.Check(version, default, default));
        Assert.Contains($"is version {version}; 0.5.0 is needed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_is_looked_for()
    {
        using var folder = new TemporaryFolder();
        var program = folder.Add("repo/src/bin");
        string Package(string root, string platform, string library)
        {
            var bins = folder.Add($"{root}/node_modules/@node-llama-cpp/{platform}/bins/{platform}");
            File.WriteAllText(Path.Combine(bins, "libllama-common.so"), "");
            File.WriteAllText(Path.Combine(bins, library), "");
            return Path.Combine(bins, library);
        }

        Assert.SkipUnless(OperatingSystem.IsLinux(), "The names of libraries are Linux's here.");
        Assert.Contains("npm ci", Assert.Throws<LlamaException>(() => LlamaFolder.Find(null, [program], cuda: false)).Message, StringComparison.Ordinal);
        var plain = Package("repo", LlamaFolder.Platform, "libllama.v0.5.0.so");
        Assert.Equal(plain, LlamaFolder.Find(null, [program], cuda: true).Library);
        var cuda = Package(".", $"{LlamaFolder.Platform}-cuda", "libllama.cuda.v0.5.0.so");
        Assert.Equal(cuda, LlamaFolder.Find(null, [program], cuda: true).Library);
        Assert.Equal(plain, LlamaFolder.Find(" ", [program], cuda: false).Library);
        Assert.Equal(cuda, LlamaFolder.Find(Path.GetDirectoryName(cuda), [program], cuda: false).Library);
        Assert.Contains("AGENTMESH_LLAMA is", Assert.Throws<LlamaException>(() => LlamaFolder.Find(program, [program], cuda: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_of_one_core_count_once()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(ProcessorCores.Count(folder.Path));
        foreach (var (cpu, siblings) in new[] { (0, "0,2"), (1, "1,3"), (2, "0,2"), (3, "1,3") })
            File.WriteAllText(Path.Combine(folder.Add($"cpu{cpu}/topology"), "thread_siblings_list"), siblings + "\n");
        Assert.Equal(2, ProcessorCores.Count(folder.Path));
        Assert.InRange(ProcessorCores.Usable, 1, Environment.ProcessorCount);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("agentmesh-").FullName;
        public string Add(string path) => Directory.CreateDirectory(System.IO.Path.Combine(Path, path)).FullName;
        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
