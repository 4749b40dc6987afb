using System.Globalization;

namespace AgentMesh.Inference.InProcess;

/// <summary>
/// How much memory this process may fill: the machine's, or its container's. The runtime's own answer is meant for its heap: in a container it is three quarters of
/// the limit, and weights do not lie in that heap.
/// </summary>
internal static class UsableMemory
{
    public static long Bytes { get; } = Of("/") ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <param name="root">The folder that has <c>proc</c> and <c>sys</c>.</param>
    /// <returns>Null where the system does not tell: it is no Linux.</returns>
    internal static long? Of(string root)
    {
        try
        {
            var machine = File.ReadLines(Path.Combine(root, "proc/meminfo")).First(l => l.StartsWith("MemTotal:", StringComparison.Ordinal));
            var kilobytes = long.Parse(machine.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            return Limits(root).Append(kilobytes * 1024).Min();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Of this process' control group and of all above it, for each holds. Within a container its own may be the topmost that can be seen, whatever it is called.</summary>
    private static IEnumerable<long> Limits(string root)
    {
        var groups = Path.Combine(root, "proc/self/cgroup");
        foreach (var line in File.Exists(groups) ? File.ReadAllLines(groups) : [])
        {
            // Number, controllers, path: version 2 has neither number nor controllers, version 1 one line for each of them.
            if (line.Split(':', 3) is not [_, var controllers, var path] || controllers is not ("" or "memory")) continue;
            var (top, name) = controllers.Length == 0 ? ("sys/fs/cgroup", "memory.max") : ("sys/fs/cgroup/memory", "memory.limit_in_bytes");
            for (var group = path.Trim('/'); ; group = Path.GetDirectoryName(group) ?? "")
            {
                var file = Path.Combine(root, top, group, name);
                // Without a limit it says "max".
                if (File.Exists(file) && long.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var limit)) yield return limit;
                if (group.Length == 0) break;
            }
        }
    }
}
