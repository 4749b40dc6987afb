using AgentMesh.Cli.Output;
using AgentMesh.Hosting;

namespace AgentMesh.Cli.Hosting;

internal static class Faults
{
    /// <summary>For commands that only look: says on stderr what was left out.</summary>
    public static HostParts WarnOfFaults(this HostParts parts, Terminal terminal)
    {
        foreach (var fault in parts.Faults) terminal.Err.WriteLine(fault);
        return parts;
    }
}
