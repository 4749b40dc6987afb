using System.Globalization;
using System.Net;
using AgentMesh.Gateway.Limits;
using AgentMesh.Gateway.Security;
using AgentMesh.Grains.Security;

namespace AgentMesh.Silo;

/// <summary>What the environment says of this silo. Every setting but the database has a default that works on one machine.</summary>
internal sealed record SiloSettings
{
    private static readonly string[] KnownRoles = ["agents", "gateway", "inference"];

    /// <summary><c>AGENTMESH_CLUSTER</c>: silos with the same id on the same database are one cluster. Default <c>agentmesh</c>.</summary>
    public required string Cluster { get; init; }

    /// <summary><c>AGENTMESH_SILO_NAME</c>: unique in the cluster. Default: the machine's name.</summary>
    public required string Name { get; init; }

    /// <summary><c>AGENTMESH_SILO_ROLES</c>: of <c>agents</c>, <c>gateway</c>, <c>inference</c>. Default <c>agents,gateway</c>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary><c>AGENTMESH_SILO_ADDRESS</c>: where the other silos reach this one. Default 127.0.0.1.</summary>
    public required IPAddress Address { get; init; }

    /// <summary><c>AGENTMESH_SILO_PORT</c>: from silo to silo. Default 11111.</summary>
    public required int SiloPort { get; init; }

    /// <summary>
    /// Of <c>AGENTMESH_CLIENT_PORT</c> (for services that call grains directly, default 30000, 0 for none), <c>AGENTMESH_CLIENT_KEYS</c> and
    /// <c>AGENTMESH_TLS_CERT</c>, <c>_KEY</c>, <c>_CA</c> and <c>_NAME</c>. Default: no TLS, and clients only on this machine.
    /// </summary>
    public required SiloSecurity Security { get; init; }

    /// <summary><c>AGENTMESH_HTTP</c>: health, metrics and API. Default http://127.0.0.1:8080.</summary>
    public required string Http { get; init; }

    /// <summary>How the callers of the API are known: <c>AGENTMESH_AUTH</c>, default <c>keys</c>, and what belongs to it.</summary>
    public required AuthOptions Auth { get; init; }

    /// <summary>How much one key or tenant may ask of the API: <c>AGENTMESH_RATE</c> and its like.</summary>
    public required LimitOptions Limits { get; init; }

    /// <summary>
    /// <c>AGENTMESH_DEVICES</c>: of an inference silo: names, each with the address of its own model server where it is not <c>AGENTMESH_MODEL_URL</c>:
    /// <c>gpu0=http://127.0.0.1:8001/v1,gpu1=http://127.0.0.1:8002/v1</c>. Where the model is a file: the devices that it is loaded on, <c>cpu</c> or <c>gpu0,gpu1</c>.
    /// Default <c>cpu</c>.
    /// </summary>
    public required IReadOnlyList<(string Name, string? Url)> Devices { get; init; }

    /// <summary><c>AGENTMESH_MODEL_TIER</c>: which need the model of this silo's devices serves, <c>small</c> or <c>large</c>. Default <c>large</c>.</summary>
    public required string Tier { get; init; }

    /// <summary><c>AGENTMESH_SLOTS</c>: requests that a device works on together. Default 4 at a model server, 32 for a model of the silo's own process.</summary>
    public required int? Slots { get; init; }

    /// <summary><c>AGENTMESH_DRAIN</c>: seconds that a stopping silo may take to let its work come to an end. Default 30.</summary>
    public required TimeSpan Drain { get; init; }

    /// <param name="setting">Reads one setting by the name of its environment variable.</param>
    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    public static SiloSettings Read(Func<string, string?> setting)
    {
        var cluster = Text("AGENTMESH_CLUSTER", "agentmesh");
        var address = IPAddress.TryParse(Text("AGENTMESH_SILO_ADDRESS", "127.0.0.1"), out var parsed) ? parsed
            : throw new FormatException($"AGENTMESH_SILO_ADDRESS is {Text("AGENTMESH_SILO_ADDRESS", "")}; it takes an IP address.");
        var http = Text("AGENTMESH_HTTP", "http://127.0.0.1:8080");
        var roles = Roles();
        var auth = AuthOptions.Read(setting, AuthMode.Keys);
        if (roles.Contains("gateway", StringComparer.Ordinal)) auth.Check(http);
        return new SiloSettings
        {
            Cluster = cluster,
            Name = Text("AGENTMESH_SILO_NAME", Environment.MachineName),
            Roles = roles,
            Address = address,
            SiloPort = Number("AGENTMESH_SILO_PORT", 11111, 1, 65535),
            Security = SiloSecurity.FromSettings(setting, cluster, address, Number("AGENTMESH_CLIENT_PORT", 30000, 0, 65535)),
            Http = http,
            Auth = auth,
            Limits = LimitOptions.Read(setting),
            Devices = [.. List("AGENTMESH_DEVICES", "cpu").Select(Device)],
            Tier = Text("AGENTMESH_MODEL_TIER", "large") is "small" or "large"
                ? Text("AGENTMESH_MODEL_TIER", "large")
                : throw new FormatException($"AGENTMESH_MODEL_TIER is {setting("AGENTMESH_MODEL_TIER")}; it takes small or large."),
            Slots = setting("AGENTMESH_SLOTS") is { Length: > 0 } ? Number("AGENTMESH_SLOTS", 0, 1, 1024) : null,
            Drain = TimeSpan.FromSeconds(Number("AGENTMESH_DRAIN", 30, 1, 3600)),
        };

        string Text(string name, string otherwise) => setting(name) is { Length: > 0 } value ? value : otherwise;

        string[] List(string name, string otherwise) => Text(name, otherwise).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        (string, string?) Device(string text) => text.Split('=', 2) switch
        {
            [var name] when IsName(name) => (name, null),
            [var name, var url] when IsName(name) && Uri.TryCreate(url, UriKind.Absolute, out var server) && (server.Scheme == Uri.UriSchemeHttp || server.Scheme == Uri.UriSchemeHttps) => (name, url),
            _ => throw new FormatException($"AGENTMESH_DEVICES has {text}; it takes names like gpu0, or gpu0=http://127.0.0.1:8001/v1."),
        };

        static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

        string[] Roles()
        {
            var names = List("AGENTMESH_SILO_ROLES", "agents,gateway");
            return names.FirstOrDefault(r => !KnownRoles.Contains(r, StringComparer.Ordinal)) is { } unknown
                ? throw new FormatException($"AGENTMESH_SILO_ROLES names {unknown}; it takes {string.Join(", ", KnownRoles)}.")
                : names;
        }

        int Number(string name, int otherwise, int least, int most) =>
            !int.TryParse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < least || value > most
                ? throw new FormatException($"{name} is {setting(name)}; it takes a number from {least} to {most}.")
                : value;
    }
}
