using System.Net;
using AgentMesh.Gateway.Security.Oidc;

namespace AgentMesh.Gateway.Security;

/// <summary>Whether callers are asked who they are.</summary>
public enum AuthMode
{
    /// <summary>Every caller shows an API key, or an OIDC token where an issuer is configured.</summary>
    Keys,

    /// <summary>Nobody is asked: whoever reaches the address is everybody. Only on loopback addresses.</summary>
    None,
}

/// <summary>How callers are known.</summary>
public sealed record AuthOptions
{
    /// <summary><c>AGENTMESH_AUTH</c>: <c>keys</c> or <c>none</c>.</summary>
    public AuthMode Mode { get; init; } = AuthMode.Keys;

    /// <summary><c>AGENTMESH_ADMIN_KEY</c>, or the content of the file that <c>AGENTMESH_ADMIN_KEY_FILE</c> names: a key with role admin that makes the others. Null for none.</summary>
    public string? AdminKey { get; init; }

    /// <summary><c>AGENTMESH_OIDC_…</c>: whose tokens are believed beside keys. Null for nobody's.</summary>
    public OidcOptions? Oidc { get; init; }

    /// <param name="setting">Reads one setting by the name of its environment variable.</param>
    /// <param name="otherwise">Where <c>AGENTMESH_AUTH</c> is not set.</param>
    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    public static AuthOptions Read(Func<string, string?> setting, AuthMode otherwise) => new()
    {
        Mode = Text("AGENTMESH_AUTH", setting) switch
        {
            null => otherwise,
            "keys" => AuthMode.Keys,
            "none" => AuthMode.None,
            var other => throw new FormatException($"AGENTMESH_AUTH is {other}; it takes keys or none."),
        },
        AdminKey = AdminKeyOf(setting),
        Oidc = OidcOptions.Read(setting),
    };

    /// <summary>Refuses to leave a door open that others can reach.</summary>
    /// <param name="urls">What is listened on, <c>;</c> between them.</param>
    /// <exception cref="FormatException">Nobody would be asked who they are on an address that others reach.</exception>
    public void Check(string urls)
    {
        if (Mode == AuthMode.Keys) return;
        foreach (var url in urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (!IsLocal(url)) throw new FormatException($"AGENTMESH_AUTH is none, and {url} can be reached by others: anybody could do anything. Listen on 127.0.0.1, or set AGENTMESH_AUTH to keys.");
    }

    internal static bool IsLocalHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsLocal(string url) => url.StartsWith("http://unix:", StringComparison.Ordinal) || (Uri.TryCreate(url, UriKind.Absolute, out var at) && IsLocalHost(at.Host));

    private static string? AdminKeyOf(Func<string, string?> setting)
    {
        var (given, file) = (Text("AGENTMESH_ADMIN_KEY", setting), Text("AGENTMESH_ADMIN_KEY_FILE", setting));
        if (given is not null && file is not null) throw new FormatException("AGENTMESH_ADMIN_KEY and AGENTMESH_ADMIN_KEY_FILE are both set; leave one out.");
        try
        {
            if (file is not null) given = File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"AGENTMESH_ADMIN_KEY_FILE cannot be read: {e.Message}", e);
        }

        return given is null || ApiKey.Parse(given) is not null ? given
            : throw new FormatException($"{(file is null ? "AGENTMESH_ADMIN_KEY" : "AGENTMESH_ADMIN_KEY_FILE")} holds no key. {ApiKey.Form} `agentmesh keys generate` prints one.");
    }

    private static string? Text(string name, Func<string, string?> setting) => setting(name) is { Length: > 0 } value ? value : null;
}
