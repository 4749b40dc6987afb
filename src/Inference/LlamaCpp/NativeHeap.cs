using System.Runtime.InteropServices;

namespace AgentMesh.Inference.LlamaCpp;

/// <summary>The C library's heap, of which glibc gives little back by itself.</summary>
internal static partial class NativeHeap
{
    /// <summary>Gives the machine back what loading needed and nothing uses any more: some megabytes for a large vocabulary.</summary>
    public static void Trim()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = TrimTo(0);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, which has no such call.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TrimTo(nuint keep);
}
