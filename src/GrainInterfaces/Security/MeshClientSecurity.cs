using AgentMesh.Contracts;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace AgentMesh.GrainInterfaces.Security;

/// <summary>How a client of the cluster shows who it is.</summary>
/// <param name="Key">One of the keys that the silos list in <c>AGENTMESH_CLIENT_KEYS</c>; null for none.</param>
/// <param name="Tls">Null where the cluster uses none.</param>
public sealed record MeshClientSecurity(string? Key = null, MeshTls? Tls = null)
{
    /// <param name="setting">Reads <c>AGENTMESH_CLIENT_KEY</c>, <c>AGENTMESH_TLS_CERT</c>, <c>_KEY</c>, <c>_CA</c> and <c>_NAME</c>.</param>
    /// <exception cref="FormatException">The files of TLS cannot be used.</exception>
    public static MeshClientSecurity FromSettings(Func<string, string?> setting, string cluster = MeshClientHosting.DefaultCluster) =>
        new(setting("AGENTMESH_CLIENT_KEY") is { Length: > 0 } key ? key.Trim() : null, MeshTls.FromSettings(setting, cluster, isSilo: false));

    /// <summary>What a gateway had against this client, in the error that connecting ended with; null where the error has another cause.</summary>
    public static MeshException? RefusalIn(Exception? error)
    {
        while (error is not null and not MeshException) error = error.InnerException;
        return (MeshException?)error;
    }
}

/// <summary>Puts a client's security on its connections.</summary>
public static class MeshClientSecurityHosting
{
    /// <summary>Call once. Where a gateway refuses the client, connecting throws with a <see cref="MeshException"/> of code
    /// <c>client-refused</c> or <c>gateway-closed</c> inside: at once for the one, after three more attempts for the other.</summary>
    public static IClientBuilder AddAgentMeshSecurity(this IClientBuilder client, MeshClientSecurity security)
    {
        client.Configure<ClientConnectionOptions>(options => options.ConfigureConnection(connection =>
        {
            if (security.Tls is { } tls) Secure(connection, tls);
            var hello = new ClientHello(security.Key);
            connection.Use(next => context => hello.OnConnection(context, next));
        }));
        client.Services.AddSingleton<IClientConnectionRetryFilter, ClientPatience>();
        return client;
    }

    // Orleans' part of it logs what failed and closes the connection without a word.
    private static void Secure(IConnectionBuilder connection, MeshTls tls)
    {
        connection.Use(next => async context =>
        {
            await next(context);
            if (context.Features.Get<ITlsConnectionFeature>()?.RemoteCertificate is null)
                throw new MeshException(ClientProof.Closed, $"No TLS with {context.RemoteEndPoint}: it speaks none, or its certificate is not for {tls.Name} and signed by an authority of AGENTMESH_TLS_CA.");
        });
        connection.UseClientTls(tls.Client());
    }
}
