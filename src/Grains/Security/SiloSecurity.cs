using System.Net;
using AgentMesh.GrainInterfaces.Security;

namespace AgentMesh.Grains.Security;

/// <summary>Who may connect to a silo, as its settings say.</summary>
/// <param name="Tls">Null for none.</param>
/// <param name="Keys">Null where clients need none.</param>
/// <param name="ClientPort">0 where no client may connect.</param>
/// <param name="Warning">What an operator should know; null for nothing.</param>
public sealed record SiloSecurity(MeshTls? Tls, ClientKeys? Keys, int ClientPort, string? Warning)
{
    /// <param name="setting">Reads those of <see cref="MeshTls.FromSettings"/>, and <c>AGENTMESH_CLIENT_KEYS</c>.</param>
    /// <param name="address">Where the silo listens.</param>
    /// <param name="clientPort">Where clients may connect if they have to show who they are, or are on the silo's own machine; 0 for nowhere.</param>
    /// <exception cref="FormatException">A file is missing, cannot be used, or does not fit the others.</exception>
    public static SiloSecurity FromSettings(Func<string, string?> setting, string cluster, IPAddress address, int clientPort)
    {
        var tls = MeshTls.FromSettings(setting, cluster, isSilo: true);
        var keys = setting("AGENTMESH_CLIENT_KEYS") is { Length: > 0 } file ? new ClientKeys(file) : null;
        var open = clientPort == 0 || tls is not null || keys is not null || IPAddress.IsLoopback(address);
        return new SiloSecurity(tls, keys, open ? clientPort : 0, open ? null
            : $"No client can call grains of this silo: {address} is not this machine alone, and nothing says who may. Set AGENTMESH_CLIENT_KEYS, or AGENTMESH_TLS_CERT, _KEY and _CA; or AGENTMESH_CLIENT_PORT=0 if none should.");
    }
}
