using System.Globalization;
using System.Net;

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

    /// <summary><c>AGENTMESH_CLIENT_PORT</c>: for services that call grains directly. Default 30000.</summary>
    public required int ClientPort { get; init; }

    /// <summary><c>AGENTMESH_HTTP</c>: health, metrics and API. Default http://127.0.0.1:8080.</summary>
    public required string Http { get; init; }

    /// <summary><c>AGENTMESH_DEVICES</c>: of an inference silo. Default <c>cpu</c>.</summary>
    public required IReadOnlyList<string> Devices { get; init; }

    /// <summary><c>AGENTMESH_DRAIN</c>: seconds that a stopping silo may take to let its work come to an end. Default 30.</summary>
    public required TimeSpan Drain { get; init; }

    /// <param name="setting">Reads one setting by the name of its environment variable.</param>
    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    public static SiloSettings Read(Func<string, string?> setting)
    {
        return new SiloSettings
        {
            Cluster = Text("AGENTMESH_CLUSTER", "agentmesh"),
            Name = Text("AGENTMESH_SILO_NAME", Environment.MachineName),
            Roles = Roles(),
            Address = IPAddress.TryParse(Text("AGENTMESH_SILO_ADDRESS", "127.0.0.1"), out var address) ? address
                : throw new FormatException($"AGENTMESH_SILO_ADDRESS is {Text("AGENTMESH_SILO_ADDRESS", "")}; it takes an IP address."),
            SiloPort = Number("AGENTMESH_SILO_PORT", 11111, 1, 65535),
            ClientPort = Number("AGENTMESH_CLIENT_PORT", 30000, 1, 65535),
            Http = Text("AGENTMESH_HTTP", "http://127.0.0.1:8080"),
            Devices = List("AGENTMESH_DEVICES", "cpu"),
            Drain = TimeSpan.FromSeconds(Number("AGENTMESH_DRAIN", 30, 1, 3600)),
        };

        string Text(string name, string otherwise) => setting(name) is { Length: > 0 } value ? value : otherwise;

        string[] List(string name, string otherwise) => Text(name, otherwise).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        string[] Roles()
        {
            var roles = List("AGENTMESH_SILO_ROLES", "agents,gateway");
            return roles.FirstOrDefault(r => !KnownRoles.Contains(r, StringComparer.Ordinal)) is { } unknown
                ? throw new FormatException($"AGENTMESH_SILO_ROLES names {unknown}; it takes {string.Join(", ", KnownRoles)}.")
                : roles;
        }

        int Number(string name, int otherwise, int least, int most) =>
            !int.TryParse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < least || value > most
                ? throw new FormatException($"{name} is {setting(name)}; it takes a number from {least} to {most}.")
                : value;
    }
}
