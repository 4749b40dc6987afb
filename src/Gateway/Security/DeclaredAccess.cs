using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace AgentMesh.Gateway.Security;

/// <summary>Keeps a host from running with a route that does not say who may call it, or with a door that is open to others.</summary>
internal sealed class DeclaredAccess(EndpointDataSource endpoints, IServer server, GatewayOptions options) : IHostedLifecycleService
{
    /// <exception cref="InvalidOperationException">A route has no declared access.</exception>
    /// <exception cref="FormatException">Nobody would be asked who they are on an address that others reach.</exception>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        options.Auth.Check(string.Join(';', server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []));
        var undeclared = endpoints.Endpoints.Where(e => e.Metadata.GetMetadata<Access>() is null).Select(e => e.DisplayName).ToList();
        return undeclared.Count == 0 ? Task.CompletedTask
            : throw new InvalidOperationException($"Routes that do not say who may call them: {string.Join(", ", undeclared)}. Add For(…), ForCallers() or ForAnyone().");
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
