using System.Net;
using AgentMesh.Grains.Security;

namespace AgentMesh.Cluster.Security;

/// <summary>What a silo's settings make of who may connect.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("am-").FullName;
    private readonly TestAuthority authority;
    private readonly Dictionary<string, string> silo;

    public SettingsTests()
    {
        authority = new TestAuthority(folder, "ours");
        silo = authority.Issue("silo", SecuredSilo.Cluster);
    }

    public void Dispose()
    {
        authority.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("127.0.0.1", 30000, 30000, false)]
    [InlineData("::1", 30000, 30000, false)]
    [InlineData("10.1.2.3", 30000, 0, true)]
    [InlineData("10.1.2.3", 0, 0, false)]
    public void Without_keys_or_tls_only_this_machine_may_connect(string address, int asked, int port, bool warns)
    {
        var security = Read([], address, asked);
        Assert.Equal((port, warns), (security.ClientPort, security.Warning is not null));
        if (warns) Assert.Contains("AGENTMESH_CLIENT_KEYS", security.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void With_keys_or_tls_clients_may_connect_from_elsewhere()
    {
        Assert.Equal((30000, null), (Read(silo).ClientPort, Read(silo).Warning));
        var keys = Keys("0123456789-0123456789-key");
        Assert.Equal((30000, null), (Read(keys).ClientPort, Read(keys).Warning));
        var hashed = Keys("sha256:" + new string('a', 64));
        Assert.Equal(30000, Read(hashed).ClientPort);
    }

    [Theory]
    [InlineData("AGENTMESH_TLS_CERT")]
    [InlineData("AGENTMESH_TLS_KEY")]
    [InlineData("AGENTMESH_TLS_CA")]
    public void Tls_wants_all_of_its_files_and_says_which_is_wrong(string setting)
    {
        var file = silo[setting];
        Assert.Contains(setting, Wrong(new(silo.Where(s => s.Key != setting), StringComparer.Ordinal)), StringComparison.Ordinal);
        Assert.Contains(file + ".none", Wrong(new(silo, StringComparer.Ordinal) { [setting] = file + ".none" }), StringComparison.Ordinal);
        File.WriteAllText(file, "no PEM");
        Assert.Contains(file, Wrong(silo), StringComparison.Ordinal);
    }

    [Fact]
    public void Tls_files_must_fit_each_other_and_the_cluster()
    {
        var other = authority.Issue("other", SecuredSilo.Cluster);
        Assert.Contains("is not the key", Wrong(new(silo, StringComparer.Ordinal) { ["AGENTMESH_TLS_KEY"] = other["AGENTMESH_TLS_KEY"] }), StringComparison.Ordinal);
        using var stranger = new TestAuthority(folder, "theirs");
        Assert.Contains("AGENTMESH_TLS_CA", Wrong(new(silo, StringComparer.Ordinal) { ["AGENTMESH_TLS_CA"] = stranger.File }), StringComparison.Ordinal);
        var misnamed = authority.Issue("misnamed", "elsewhere");
        Assert.Contains($"DNS name {SecuredSilo.Cluster}", Wrong(misnamed), StringComparison.Ordinal);
        misnamed["AGENTMESH_TLS_NAME"] = "elsewhere";
        Assert.NotNull(Read(misnamed).Tls);
    }

    [Theory]
    [InlineData("# nothing\n\n")]
    [InlineData("short")]
    [InlineData("a key with blanks of some length")]
    [InlineData("sha256:12")]
    public void A_file_of_keys_that_admits_nobody_or_has_a_slip_is_an_error_that_does_not_show_the_key(string text)
    {
        var message = Wrong(Keys(text));
        Assert.Contains("AGENTMESH_CLIENT_KEYS", message, StringComparison.Ordinal);
        Assert.DoesNotContain(text, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_of_keys_is_named() =>
        Assert.Contains("none.txt", Wrong(new(StringComparer.Ordinal) { ["AGENTMESH_CLIENT_KEYS"] = Path.Combine(folder, "none.txt") }), StringComparison.Ordinal);

    private Dictionary<string, string> Keys(string text)
    {
        var file = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        File.WriteAllText(file, text);
        return new(StringComparer.Ordinal) { ["AGENTMESH_CLIENT_KEYS"] = file };
    }

    private static SiloSecurity Read(Dictionary<string, string> settings, string address = "10.1.2.3", int port = 30000) =>
        SiloSecurity.FromSettings(settings.GetValueOrDefault, SecuredSilo.Cluster, IPAddress.Parse(address), port);

    private static string Wrong(Dictionary<string, string> settings)
    {
        var message = Assert.Throws<FormatException>(() => Read(settings)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
