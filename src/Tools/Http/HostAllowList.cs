using System.Globalization;
using System.Net;

namespace AgentMesh.Tools.Http;

/// <summary>
/// The hosts that <c>http.fetch</c> may go to, like <c>api.example.com *.example.org:8443 http://localhost:8080</c>. Without a scheme an entry means https;
/// without a port, the scheme's own. <c>*.example.org</c> means the hosts below example.org, not itself. Addresses inside a network (private, loopback, …)
/// are reached only by entries that name them: the IP address itself, or <c>localhost</c> for loopback.
/// </summary>
public sealed class HostAllowList
{
    private readonly List<Entry> _entries;

    private HostAllowList(List<Entry> entries) => _entries = entries;

    private sealed record Entry(string Scheme, string Host, int Port, bool Below, IPAddress? Address)
    {
        public bool Covers(string scheme, string host, int port) =>
            scheme == Scheme && port == Port
            && (Below ? host.Length > Host.Length + 1 && host.EndsWith("." + Host, StringComparison.Ordinal) : host == Host);
    }

    public bool IsEmpty => _entries.Count == 0;

    /// <param name="text">Entries apart by blanks or commas.</param>
    /// <exception cref="FormatException">An entry cannot be understood.</exception>
    public static HostAllowList Parse(string text) =>
        new([.. text.Split([' ', ',', ';', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(ParseEntry)]);

    /// <summary>Whether an address of this form may be asked at all; its IP addresses are checked when it is connected to.</summary>
    public bool Allows(Uri uri) => _entries.Exists(entry => entry.Covers(uri.Scheme, Canonical(uri), uri.Port));

    /// <summary>Whether a host that the list allows may be reached at this IP address.</summary>
    public bool AllowsAddress(Uri uri, IPAddress address)
    {
        if (AddressPolicy.IsPublic(address)) return true;
        var host = Canonical(uri);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _entries.Exists(entry => entry.Covers(uri.Scheme, host, uri.Port)
            && (entry.Address is { } named ? named.Equals(plain) : entry is { Below: false, Host: "localhost" } && IPAddress.IsLoopback(plain)));
    }

    /// <summary>Lower case, without the brackets of IPv6 and without a final dot, which would name the same host in another way.</summary>
    private static string Canonical(Uri uri) => uri.IdnHost.Trim('[', ']').TrimEnd('.').ToLowerInvariant();

    private static Entry ParseEntry(string text)
    {
        var scheme = "https";
        var rest = text;
        if (text.IndexOf("://", StringComparison.Ordinal) is > 0 and var mark)
        {
            scheme = text[..mark].ToLowerInvariant();
            rest = text[(mark + 3)..];
            if (scheme is not ("http" or "https")) throw Bad(text, "the scheme must be http or https");
        }

        rest = rest.TrimEnd('/');
        var below = rest.StartsWith("*.", StringComparison.Ordinal);
        if (below) rest = rest[2..];
        // A bare IPv6 address has colons that are no port.
        if (IPAddress.TryParse(rest, out var bare) && bare.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6) rest = $"[{bare}]";
        if (rest.Contains('*', StringComparison.Ordinal) || rest.Contains('@', StringComparison.Ordinal) || rest.Contains('/', StringComparison.Ordinal)
            || !Uri.TryCreate($"{scheme}://{rest}", UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw Bad(text, "write host, *.host, host:port or http://host:port");
        var host = Canonical(uri);
        var address = IPAddress.TryParse(host, out var literal) ? literal : null;
        if (below && address is not null) throw Bad(text, "an address has no hosts below it");
        if (below && !host.Contains('.', StringComparison.Ordinal)) throw Bad(text, "a whole top-level domain is too much");
        return new(scheme, host, uri.Port, below, address);
    }

    private static FormatException Bad(string entry, string reason) =>
        new(string.Create(CultureInfo.InvariantCulture, $"'{entry}' is no entry of an allow-list: {reason}."));
}
