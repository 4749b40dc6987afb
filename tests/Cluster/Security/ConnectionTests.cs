using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.GrainInterfaces.Security;
using Microsoft.Extensions.DependencyInjection;

namespace AgentMesh.Cluster.Security;

/// <summary>Who may connect to a silo, over sockets.</summary>
public sealed class ConnectionTests : IDisposable
{
    private const string OldKey = "0123456789-0123456789-old";
    private const string NewKey = "0123456789-0123456789-new";
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly string folder = Directory.CreateTempSubdirectory("am-").FullName;
    private readonly TestAuthority ours;
    private readonly TestAuthority theirs;

    public ConnectionTests() => (ours, theirs) = (new TestAuthority(folder, "ours"), new TestAuthority(folder, "theirs"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        ours.Dispose();
        theirs.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Only_silos_of_the_authority_with_the_clusters_name_join()
    {
        await using var first = await SecuredSilo.Start(ours.Issue("first", SecuredSilo.Cluster), null, Ct);
        await using (await SecuredSilo.Start(ours.Issue("second", SecuredSilo.Cluster), first, Ct)) Assert.Equal(2, first.Members);

        // It trusts the others, and they do not trust it.
        var stranger = theirs.Issue("stranger", SecuredSilo.Cluster);
        stranger["AGENTMESH_TLS_CA"] = Both();
        await Assert.ThrowsAnyAsync<Exception>(() => SecuredSilo.Start(stranger, first, Ct));
        await Assert.ThrowsAnyAsync<Exception>(() => SecuredSilo.Start(Nothing, first, Ct));

        // A client's certificate is no silo's.
        await using var client = await Knock(first, ours.Issue("client", "some-client"));
        Assert.False(await Answers(client));
        Assert.Equal(1, first.Members);
    }

    [Fact]
    public async Task Clients_need_tls_and_a_certificate_of_the_authority()
    {
        await using var silo = await SecuredSilo.Start(ours.Issue("silo", SecuredSilo.Cluster), null, Ct);
        await Works(silo, ours.Issue("client", "some-client"));

        var stranger = theirs.Issue("stranger", "some-client");
        stranger["AGENTMESH_TLS_CA"] = Both();
        Assert.Equal("gateway-closed", (await Refused(silo, stranger)).Code);
        Assert.Contains("TLS", (await Refused(silo, Nothing)).Message, StringComparison.Ordinal);
        Assert.Contains("AGENTMESH_TLS_CA", (await Refused(silo, theirs.Issue("doubter", "some-client"))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Orleans.Runtime.Messaging.ConnectionFailedException>(() => silo.Connect(Nothing, Ct, secured: false));
    }

    [Fact]
    public async Task Clients_need_a_listed_key_and_a_rotated_one_works_at_once()
    {
        var file = Path.Combine(folder, "keys");
        await File.WriteAllTextAsync(file, $"# of the support service\n{OldKey}\n", Ct);
        await using var silo = await SecuredSilo.Start(new Dictionary<string, string>(StringComparer.Ordinal) { ["AGENTMESH_CLIENT_KEYS"] = file }, null, Ct);

        await Works(silo, Key(OldKey));
        var none = await Refused(silo, Nothing);
        Assert.Equal("client-refused", none.Code);
        Assert.Contains("AGENTMESH_CLIENT_KEY", none.Message, StringComparison.Ordinal);
        Assert.Contains("does not know this client's key", (await Refused(silo, Key(NewKey))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Orleans.Runtime.Messaging.ConnectionFailedException>(() => silo.Connect(Nothing, Ct, secured: false));

        await File.WriteAllTextAsync(file, $"{NewKey}\n", Ct);
        await Works(silo, Key(NewKey));
        Assert.Equal("client-refused", (await Refused(silo, Key(OldKey))).Code);

        // A slip does not lock everybody out.
        await File.WriteAllTextAsync(file, "short\n", Ct);
        await Works(silo, Key(NewKey));
    }

    [Fact]
    public async Task Both_together_and_neither_work()
    {
        var file = Path.Combine(folder, "keys");
        await File.WriteAllTextAsync(file, OldKey, Ct);
        var both = ours.Issue("silo", SecuredSilo.Cluster);
        both["AGENTMESH_CLIENT_KEYS"] = file;
        await using (var silo = await SecuredSilo.Start(both, null, Ct))
        {
            var client = ours.Issue("client", "some-client");
            Assert.Equal("client-refused", (await Refused(silo, client)).Code);
            client["AGENTMESH_CLIENT_KEY"] = OldKey;
            await Works(silo, client);
        }

        await using var open = await SecuredSilo.Start(Nothing, null, Ct);
        await Works(open, Nothing);
        await Works(open, Key(OldKey));
        using var plain = await open.Connect(Nothing, Ct, secured: false);
        await plain.StopAsync(Ct);
    }

    [Fact]
    public async Task A_client_that_was_refused_does_not_try_again() => Assert.False(
        await new ClientPatience(TimeProvider.System).ShouldRetryConnectionAttempt(new OrleansException("No.", new MeshException("client-refused", "No.")), Ct));

    private static Dictionary<string, string> Key(string key) => new(StringComparer.Ordinal) { ["AGENTMESH_CLIENT_KEY"] = key };

    private static async Task<SslStream> Knock(SecuredSilo silo, Dictionary<string, string> settings)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(silo.Silo, Ct);
        var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = SecuredSilo.Cluster,
                ClientCertificates = [X509Certificate2.CreateFromPemFile(settings["AGENTMESH_TLS_CERT"], settings["AGENTMESH_TLS_KEY"])],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null, // Of the silo that the test started.
            },
            Ct);
        return tls;
    }

    // A silo that waits for what is said leaves the connection open, so that the test would hang.
    private static async Task<bool> Answers(SslStream tls)
    {
        try
        {
            return await tls.ReadAsync(new byte[1], Ct) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private string Both()
    {
        var file = Path.Combine(folder, "both.pem");
        File.WriteAllText(file, File.ReadAllText(ours.File) + "\n" + File.ReadAllText(theirs.File));
        return file;
    }

    private static async Task Works(SecuredSilo silo, IReadOnlyDictionary<string, string> settings)
    {
        using var client = await silo.Connect(settings, Ct);
        var missing = await Assert.ThrowsAsync<MeshException>(() => client.Services.GetRequiredService<IGrainFactory>().GetGrain<IOrchestratorGrain>("none").Get(Ct));
        Assert.Equal("goal-not-found", missing.Code);
        await client.StopAsync(Ct);
    }

    private static async Task<MeshException> Refused(SecuredSilo silo, IReadOnlyDictionary<string, string> settings)
    {
        var error = await Assert.ThrowsAsync<Orleans.Runtime.Messaging.ConnectionFailedException>(() => silo.Connect(settings, Ct));
        return MeshClientSecurity.RefusalIn(error) ?? throw error;
    }
}
