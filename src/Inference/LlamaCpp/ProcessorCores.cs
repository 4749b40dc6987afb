namespace AgentMesh.Inference.LlamaCpp;

/// <summary>How many threads do arithmetic best: one for each core. Two on one core share its units and wait for each other.</summary>
internal static class ProcessorCores
{
    /// <summary>Never more than this process may use (affinity, container).</summary>
    public static int Usable { get; } = Math.Max(1, Math.Min(Environment.ProcessorCount, Count("/sys/devices/system/cpu") ?? Environment.ProcessorCount));

    /// <summary>The number of different groups of sibling threads; null where the system does not tell.</summary>
    internal static int? Count(string folder)
    {
        try
        {
            var groups = Directory.EnumerateDirectories(folder, "cpu*")
                .Select(cpu => Path.Combine(cpu, "topology", "thread_siblings_list")).Where(File.Exists)
                .Select(f => File.ReadAllText(f).Trim()).Distinct(StringComparer.Ordinal).Count();
            return groups == 0 ? null : groups;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
