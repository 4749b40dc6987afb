using System.Runtime.InteropServices;

namespace AgentMesh.Inference.LlamaCpp;

/// <summary>Where llama.cpp's libraries lie.</summary>
/// <param name="Library">The file of llama.cpp itself; ggml and its backends lie beside it.</param>
internal sealed record LlamaFolder(string Path, string Library)
{
    /// <summary>The npm packages that hold the libraries, without their scope.</summary>
    public const string PackageVersion = "3.22.1";

    private const string Scope = "@node-llama-cpp";

    /// <summary>This machine as the packages name it: <c>linux-x64</c>, <c>linux-arm64</c>, ….</summary>
    public static string Platform =>
        (OperatingSystem.IsMacOS() ? "mac" : OperatingSystem.IsWindows() ? "win" : "linux") + "-" +
        RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

    /// <summary>
    /// Looks where the setting says, else in <c>node_modules</c> of the start folders and all folders above them.
    /// The package for CUDA, which one installs on purpose, goes first where the machine has NVIDIA's driver: it serves the CPU as well.
    /// </summary>
    /// <param name="configured">AGENTMESH_LLAMA: a folder with the libraries.</param>
    /// <exception cref="LlamaException">There are no libraries.</exception>
    public static LlamaFolder Find(string? configured, IEnumerable<string> starts, bool cuda)
    {
        if (!string.IsNullOrWhiteSpace(configured))
            return In(configured) ?? throw new LlamaException($"AGENTMESH_LLAMA is {configured}, but there is no llama.cpp ({Pattern}) in it.");

        string[] packages = OperatingSystem.IsMacOS() ? [$"{Platform}-metal", Platform] : cuda ? [$"{Platform}-cuda", Platform] : [Platform];
        var modules = starts.SelectMany(Upward).Select(f => System.IO.Path.Combine(f, "node_modules", Scope)).ToList();
        return packages.SelectMany(p => modules.Select(m => In(System.IO.Path.Combine(m, p, "bins", p)))).FirstOrDefault(f => f is not null)
            ?? throw new LlamaException(
                $"No llama.cpp found for {Platform}. Run 'npm ci' in the repository (it installs {Scope}/{Platform}), " +
                $"or set AGENTMESH_LLAMA to a folder with the libraries of {Scope} {PackageVersion}.");
    }

    private static string Pattern => OperatingSystem.IsWindows() ? "llama*.dll" : OperatingSystem.IsMacOS() ? "libllama*.dylib" : "libllama*.so";

    private static LlamaFolder? In(string folder)
    {
        if (!Directory.Exists(folder)) return null;
        var library = Directory.EnumerateFiles(folder, Pattern).Order(StringComparer.Ordinal)
            .FirstOrDefault(f => !System.IO.Path.GetFileName(f).Contains("llama-", StringComparison.Ordinal));
        return library is null ? null : new LlamaFolder(System.IO.Path.GetFullPath(folder), System.IO.Path.GetFullPath(library));
    }

    private static IEnumerable<string> Upward(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent) yield return folder.FullName;
    }
}
