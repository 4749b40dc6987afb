using System.Globalization;

namespace AgentMesh.Gateway.Limits;

/// <summary>How much one key, or one tenant, may ask for. 0 is no limit. Where nobody is asked who they are there are no keys, and so no limits for each.</summary>
public sealed record LimitOptions
{
    /// <summary><c>AGENTMESH_RATE</c>: requests a second that each key may send in the long run. Default 100.</summary>
    public int RequestsPerSecond { get; init; } = 100;

    /// <summary><c>AGENTMESH_RATE_BURST</c>: requests that a key may send at once after a while of silence. Default 200.</summary>
    public int Burst { get; init; } = 200;

    /// <summary><c>AGENTMESH_STREAMS</c>: event streams that each key may have open at once. Default 100.</summary>
    public int StreamsPerKey { get; init; } = 100;

    /// <summary><c>AGENTMESH_TENANT_TOKENS</c>: tokens that the goals which a tenant submits on one day (UTC) may spend before it may submit no more. Default none.</summary>
    public long TokensPerDay { get; init; }

    /// <summary>The same for single tenants: <c>AGENTMESH_TENANT_TOKENS=2000000,acme=10000000,initech=0</c>.</summary>
    public IReadOnlyDictionary<string, long> TokensOfTenants { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary><c>AGENTMESH_BODIES</c>: bytes that the bodies over 1 MiB of all requests together may hold in memory. Default 512 MiB.</summary>
    public long BodyBytes { get; init; } = 512 * 1024 * 1024;

    /// <param name="setting">Reads one setting by the name of its environment variable.</param>
    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    public static LimitOptions Read(Func<string, string?> setting)
    {
        var otherwise = new LimitOptions();
        var (all, single) = Tokens(setting("AGENTMESH_TENANT_TOKENS") is { Length: > 0 } text ? text : null);
        return new LimitOptions
        {
            RequestsPerSecond = (int)Number("AGENTMESH_RATE", setting("AGENTMESH_RATE"), otherwise.RequestsPerSecond, 1_000_000),
            Burst = (int)Number("AGENTMESH_RATE_BURST", setting("AGENTMESH_RATE_BURST"), otherwise.Burst, 1_000_000),
            StreamsPerKey = (int)Number("AGENTMESH_STREAMS", setting("AGENTMESH_STREAMS"), otherwise.StreamsPerKey, 1_000_000),
            BodyBytes = Number("AGENTMESH_BODIES", setting("AGENTMESH_BODIES"), otherwise.BodyBytes, long.MaxValue),
            TokensPerDay = all ?? otherwise.TokensPerDay,
            TokensOfTenants = single,
        };
    }

    /// <summary>0 for no limit.</summary>
    public long TokensOf(string tenant) => TokensOfTenants.TryGetValue(tenant, out var own) ? own : TokensPerDay;

    private static (long? All, Dictionary<string, long> Single) Tokens(string? text)
    {
        long? all = null;
        var single = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.LastIndexOf('=');
            var tokens = Number("AGENTMESH_TENANT_TOKENS", part[(at + 1)..], 0, long.MaxValue);
            if (at < 0) all = tokens;
            else single[part[..at].TrimEnd()] = tokens;
        }

        return (all, single);
    }

    private static long Number(string name, string? text, long otherwise, long most) => text is null or "" ? otherwise
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number
        : throw new FormatException($"{name} has {text}; it takes whole numbers from 0 (no limit) up{(name == "AGENTMESH_TENANT_TOKENS" ? ", and tenant=number" : "")}.");
}
