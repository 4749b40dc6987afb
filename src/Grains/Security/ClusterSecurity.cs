using System.Net;
using AgentMesh.GrainInterfaces.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace AgentMesh.Grains.Security;

/// <summary>Who may connect to a silo, and what they may call.</summary>
public static partial class ClusterSecurity
{
    /// <summary>Puts TLS on all connections, the gate before what clients say, and bounds to what they may call. Call once.</summary>
    public static ISiloBuilder AddAgentMeshSecurity(this ISiloBuilder silo, SiloSecurity security)
    {
        var (tls, keys) = (security.Tls, security.Keys);
        silo.Services.AddSingleton<IIncomingGrainCallFilter>(new ClientScope());
        silo.Configure<SiloConnectionOptions>(options =>
        {
            if (tls is not null)
            {
                options.ConfigureSiloOutboundConnection(connection => connection.UseClientTls(tls.Client()));
                options.ConfigureSiloInboundConnection(connection => Secure(connection, tls, fromSilos: true));
            }

            options.ConfigureGatewayInboundConnection(connection =>
            {
                if (tls is not null) Secure(connection, tls, fromSilos: false);
                var services = connection.ApplicationServices;
                var gate = new ClientGate(keys, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<ClientGate>>());
                connection.Use(next => context => gate.OnConnection(context, next));
            });
        });
        return silo;
    }

    // Orleans tells of a failed handshake with a stack; the line here says the same to an operator, with the address.
    private static void Secure(IConnectionBuilder connection, MeshTls tls, bool fromSilos)
    {
        var log = connection.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ClusterSecurity).FullName!);
        connection.Use(next => async context =>
        {
            await next(context);
            if (context.Features.Get<ITlsConnectionFeature>()?.RemoteCertificate is null) LogRefused(log, context.RemoteEndPoint, fromSilos ? "silo" : "client");
        });
        connection.UseServerTls(tls.Server(fromSilos));
        connection.Use(next => context =>
        {
            if (tls.Trouble is { } trouble) LogTrouble(log, trouble);
            return next(context);
        });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection from {Remote} as a {Kind} was refused: it does not speak TLS, or its certificate is not one of this cluster")]
    private static partial void LogRefused(ILogger log, EndPoint? remote, string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "The certificates before the change stay in use: {Trouble}")]
    private static partial void LogTrouble(ILogger log, string trouble);
}
