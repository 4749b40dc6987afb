using System.Net;
using System.Net.Sockets;

namespace AgentMesh.Tools.Http;

/// <summary>Names to addresses; a port, so that a name that changes its mind can be tested.</summary>
public interface IHostResolver
{
    Task<IReadOnlyList<IPAddress>> Resolve(string host, CancellationToken ct);
}

/// <summary>The system's resolver.</summary>
public sealed class SystemHostResolver : IHostResolver
{
    public async Task<IReadOnlyList<IPAddress>> Resolve(string host, CancellationToken ct) => await Dns.GetHostAddressesAsync(host, ct);
}

/// <summary>The host resolves to an address that the allow-list does not give it.</summary>
internal sealed class AddressRefusedException(string message) : Exception(message);

/// <summary>
/// Opens connections to where only allowed addresses are: resolves the name once, refuses the host if any of its addresses is not allowed, and connects to the very
/// addresses that were checked, so that a second, different answer of the resolver is never used.
/// </summary>
/// <param name="allows">Whether the host of an address may be reached at an IP address.</param>
internal sealed class GuardedConnection(Func<Uri, IPAddress, bool> allows, IHostResolver resolver)
{
    public SocketsHttpHandler CreateHandler() => new()
    {
        ConnectCallback = Connect,
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy from the environment would resolve and connect behind our back.
        UseProxy = false,
        Credentials = null,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        MaxResponseHeadersLength = 64,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
    };

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var uri = context.InitialRequestMessage.RequestUri!;
        var host = context.DnsEndPoint.Host.Trim('[', ']');
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolver.Resolve(host, ct);
        if (addresses.Count == 0) throw new HttpRequestException(HttpRequestError.NameResolutionError, $"{host} has no address.");
        foreach (var address in addresses)
            if (!allows(uri, address)) throw new AddressRefusedException($"{host} resolves to {address}, which is not an address of the public internet.");

        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                last = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last!;
    }
}
