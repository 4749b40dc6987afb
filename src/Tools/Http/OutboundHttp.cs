using System.Net;

namespace AgentMesh.Tools.Http;

/// <summary>Connections to addresses that somebody else names.</summary>
public static class OutboundHttp
{
    /// <summary>Reaches the public internet alone, whatever a name resolves to; follows no redirects, keeps no cookies, uses no proxy.</summary>
    /// <param name="privateToo">Also this machine and its networks.</param>
    public static SocketsHttpHandler Handler(bool privateToo) =>
        new GuardedConnection((_, address) => privateToo || AddressPolicy.IsPublic(address), new SystemHostResolver()).CreateHandler();

    /// <summary>Whether a host that is written as an IP address, or is this machine by name, is not on the public internet. Other names show when they are connected to.</summary>
    public static bool IsPrivate(Uri url) => url.IsLoopback || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && !AddressPolicy.IsPublic(address));
}
