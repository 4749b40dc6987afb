using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Inference.LlamaCpp;

/// <summary>A device that models can run on.</summary>
/// <param name="Name"><c>cpu</c>, <c>gpu0</c>, <c>gpu1</c>, …: as AGENTMESH_DEVICES names them.</param>
/// <param name="FreeBytes">Of its memory, when the library was loaded.</param>
public sealed record LlamaDevice(string Name, string Description, long FreeBytes, long TotalBytes)
{
    internal nint Handle { get; init; }
}

/// <summary>llama.cpp in this process: loaded once, on the first use, and never unloaded.</summary>
public sealed class LlamaLibrary
{
    private const int Cpu = 0;
    private const int Gpu = 1;
    private static readonly Lock Gate = new();
    private static LlamaLibrary? s_loaded;

    private LlamaLibrary(string folder, string version, IReadOnlyList<LlamaDevice> devices) => (Folder, Version, Devices) = (folder, version, devices);

    public string Folder { get; }
    public string Version { get; }

    /// <summary>The GPUs in their order, then the CPU.</summary>
    public IReadOnlyList<LlamaDevice> Devices { get; }

    internal nint CpuDevice => Devices[^1].Handle;

    /// <param name="folder">AGENTMESH_LLAMA; null looks in <c>node_modules</c> of the program's and the current folder and all above.</param>
    /// <param name="log">Gets what llama.cpp says; only the first call's is used.</param>
    /// <exception cref="LlamaException">It is missing, cannot be loaded, or is another version. Nothing is kept of it, and the next call tries again.</exception>
    public static LlamaLibrary Load(string? folder = null, ILogger? log = null)
    {
        lock (Gate) return s_loaded ??= LoadOnce(folder ?? Environment.GetEnvironmentVariable("AGENTMESH_LLAMA"), log);
    }

    private static nint s_handle;
    private static bool s_resolves;

    private static unsafe LlamaLibrary LoadOnce(string? configured, ILogger? log)
    {
        var found = LlamaFolder.Find(configured, [AppContext.BaseDirectory, Environment.CurrentDirectory], HasCudaDriver());
        try
        {
            s_handle = NativeLibrary.Load(found.Library);
            if (!s_resolves) NativeLibrary.SetDllImportResolver(typeof(LlamaLibrary).Assembly, Resolve);
            s_resolves = true;
            var version = Marshal.PtrToStringUTF8((nint)NativeMethods.Version()) ?? "?";
            NativeLayout.Check(version, NativeMethods.ModelDefaults(), NativeMethods.ContextDefaults());
            NativeLog.Start(log);
            NativeMethods.LoadBackends(found.Path);
            NativeMethods.BackendInit();
            return new LlamaLibrary(found.Path, version, FindDevices(found.Path));
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new LlamaException($"llama.cpp in {found.Path} cannot be used: {e.Message} Run 'npm ci' in the repository, or correct AGENTMESH_LLAMA.", e);
        }
    }

    /// <summary>The library's own dependencies, ggml among them, are found through it.</summary>
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == NativeMethods.Library ? s_handle : 0;

    private static bool HasCudaDriver() =>
        NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out _);

    private static unsafe List<LlamaDevice> FindDevices(string folder)
    {
        var gpus = new List<LlamaDevice>();
        LlamaDevice? cpu = null;
        for (nuint i = 0; i < NativeMethods.DeviceCount(); i++)
        {
            var device = NativeMethods.Device(i);
            var type = NativeMethods.DeviceType(device);
            if (type is not (Cpu or Gpu)) continue;
            NativeMethods.DeviceMemory(device, out var free, out var total);
            var name = type == Cpu ? "cpu" : $"gpu{gpus.Count}";
            var found = new LlamaDevice(name, Marshal.PtrToStringUTF8((nint)NativeMethods.DeviceDescription(device)) ?? name, (long)free, (long)total) { Handle = device };
            if (type == Gpu) gpus.Add(found);
            else cpu ??= found;
        }

        if (cpu is null) throw new LlamaException($"llama.cpp in {folder} has no library for this processor (ggml-cpu). Run 'npm ci' in the repository.");
        gpus.Add(cpu);
        return gpus;
    }
}
