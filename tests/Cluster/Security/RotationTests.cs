using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentMesh.Cluster.Security;

/// <summary>Keys and certificates that change under a running silo.</summary>
public sealed class RotationTests : IDisposable
{
    private const int Limit = 60_000;
    private const string OldKey = "0123456789-0123456789-old";
    private const string NewKey = "0123456789-0123456789-new";

    private readonly string folder = Directory.CreateTempSubdirectory("am-").FullName;
    private readonly TestAuthority ours;
    private readonly TestAuthority next;

    public RotationTests() => (ours, next) = (new TestAuthority(folder, "ours"), new TestAuthority(folder, "next"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        ours.Dispose();
        next.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact(Timeout = Limit)]
    public async Task A_live_connection_is_cut_when_its_key_is_gone_and_no_other()
    {
        var file = Path.Combine(folder, "keys");
        await File.WriteAllTextAsync(file, $"{OldKey}\n{NewKey}\n", Ct);
        var clock = new RungClock();
        await using var silo = await SecuredSilo.Start(Settings("AGENTMESH_CLIENT_KEYS", file), null, Ct, clock);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var old = await silo.Connect(Settings("AGENTMESH_CLIENT_KEY", OldKey), Ct, lost: () => lost.TrySetResult());
        using var other = await silo.Connect(Settings("AGENTMESH_CLIENT_KEY", NewKey), Ct, lost: () => Assert.Fail("Its key is listed."));
        await Works(old);

        clock.Ring();
        await Works(old);

        await File.WriteAllTextAsync(file, $"{NewKey}\n", Ct);
        clock.Ring();
        await lost.Task.WaitAsync(Ct);
        await Works(other);
        await Assert.ThrowsAsync<Orleans.Runtime.Messaging.ConnectionFailedException>(() => silo.Connect(Settings("AGENTMESH_CLIENT_KEY", OldKey), Ct));
        await other.StopAsync(Ct);
    }

    [Fact(Timeout = Limit)]
    public async Task Certificates_that_change_on_disk_are_those_of_the_next_connections()
    {
        var files = ours.Issue("silo", SecuredSilo.Cluster);
        await using var silo = await SecuredSilo.Start(files, null, Ct);
        using var client = await silo.Connect(ours.Issue("client", "some-client"), Ct);
        var first = await Shown(silo);

        // A new key whose certificate is still on its way is half of a rotation: what was good stays.
        var renewed = ours.Issue("renewed", SecuredSilo.Cluster);
        File.Copy(renewed["AGENTMESH_TLS_KEY"], files["AGENTMESH_TLS_KEY"], overwrite: true);
        Assert.Equal(first, await Shown(silo));
        File.Copy(renewed["AGENTMESH_TLS_CERT"], files["AGENTMESH_TLS_CERT"], overwrite: true);
        Assert.Equal(Serial(renewed), await Shown(silo));

        // The authority's change goes in two steps: trust both, then issue anew.
        var both = await File.ReadAllTextAsync(ours.File, Ct) + "\n" + await File.ReadAllTextAsync(next.File, Ct);
        await File.WriteAllTextAsync(files["AGENTMESH_TLS_CA"], both, Ct);
        var moved = next.Issue("moved", SecuredSilo.Cluster);
        moved["AGENTMESH_TLS_CA"] = files["AGENTMESH_TLS_CA"];
        await using (await SecuredSilo.Start(moved, silo, Ct)) Assert.Equal(2, silo.Members);
        var newClient = next.Issue("new-client", "some-client");
        newClient["AGENTMESH_TLS_CA"] = files["AGENTMESH_TLS_CA"];
        using var another = await silo.Connect(newClient, Ct);
        await Works(another);

        // Nothing of this touched the connection that was there, and the silo never started again.
        await Works(client);
        await another.StopAsync(Ct);
        await client.StopAsync(Ct);
    }

    [Fact(Timeout = Limit)]
    public async Task Port_zero_is_no_port_for_clients_with_tls_and_keys_or_without()
    {
        await using var silo = await SecuredSilo.Start(ours.Issue("silo", SecuredSilo.Cluster), null, Ct, clients: false);
        using var socket = new TcpClient();
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(silo.Gateway, Ct).AsTask())).SocketErrorCode);
        Assert.Equal(1, silo.Members);
    }

    private static Dictionary<string, string> Settings(string name, string value) => new(StringComparer.Ordinal) { [name] = value };

    private static async Task Works(IHost client) => Assert.Equal(
        "goal-not-found", (await Assert.ThrowsAsync<MeshException>(() => client.Services.GetRequiredService<IGrainFactory>().GetGrain<IOrchestratorGrain>("none").Get(Ct))).Code);

    private static string Serial(Dictionary<string, string> files)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(files["AGENTMESH_TLS_CERT"]);
        return certificate.SerialNumber;
    }

    /// <summary>Serial number of the certificate that the silo shows to a new connection.</summary>
    private static async Task<string> Shown(SecuredSilo silo)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(silo.Silo, Ct);
        await using var tls = new SslStream(socket.GetStream());
        var serial = "";
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = SecuredSilo.Cluster,
                RemoteCertificateValidationCallback = (_, shown, _, _) => (serial = shown!.GetSerialNumberString()).Length > 0,
            },
            Ct);
        return serial;
    }

    /// <summary>The machine's clock, but the gate looks its keys up again when the test says so.</summary>
    private sealed class RungClock : TimeProvider
    {
        private readonly Lock gate = new();
        private readonly List<(TimerCallback Callback, object? State)> held = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (period != Grains.Security.ClientGate.Recheck) return base.CreateTimer(callback, state, dueTime, period);
            lock (gate) held.Add((callback, state));
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Ring()
        {
            lock (gate)
                foreach (var (callback, state) in held) callback(state);
        }
    }
}
