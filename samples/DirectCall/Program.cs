using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces.Security;
using AgentMesh.Samples.DirectCall;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// Another .NET service: it knows the grains' interfaces and nothing of the mesh's insides.
var text = args is [var given, ..] ? given : "Invoice 4711 was charged twice. Please refund the second payment.";
using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    interrupted.Cancel();
};

try
{
    var builder = Host.CreateApplicationBuilder();
    builder.Logging.SetMinimumLevel(LogLevel.Error);
    builder.UseOrleansClient(client => Connection.Configure(client, Environment.GetEnvironmentVariable));
    using var host = builder.Build();
    await host.StartAsync(interrupted.Token);

    var tour = new Tour(host.Services.GetRequiredService<IClusterClient>(), host.Services.GetRequiredService<IMesh>(), Console.Out);
    await tour.Run(text, interrupted.Token);

    await host.StopAsync(CancellationToken.None);
    return 0;
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    return 130;
}
catch (Exception e) when (MeshClientSecurity.RefusalIn(e) is { } refusal)
{
    await Console.Error.WriteLineAsync($"{refusal.Code}: {refusal.Message}");
    return 1;
}
catch (Exception e) when (e is OrleansException or TimeoutException)
{
    await Console.Error.WriteLineAsync($"No silo answers: {e.Message} Start a cluster, or correct AGENTMESH_POSTGRES or AGENTMESH_GATEWAYS.");
    return 3;
}
