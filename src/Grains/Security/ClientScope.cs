using System.Text;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using Orleans.Serialization.Invocation;

namespace AgentMesh.Grains.Security;

/// <summary>
/// Clients call the grains that <c>GrainInterfaces</c> has, and of Orleans what such calls need; whatever else there is, now or later, is for silos.
/// </summary>
/// <param name="also">Full names of further interfaces that are open.</param>
internal sealed class ClientScope(params string[] also) : IIncomingGrainCallFilter
{
    // A silo's own client, by which its hosted services and its API call grains.
    private static readonly byte[] Hosted = Encoding.UTF8.GetBytes("hosted-");

    // Which grains and silos there are; streams of answers; cancellation.
    private static readonly HashSet<string> OfOrleans = new(StringComparer.Ordinal)
    {
        "Orleans.Runtime.IClusterManifestSystemTarget",
        "Orleans.Runtime.IAsyncEnumerableGrainExtension",
        "Orleans.Runtime.ICancellationSourcesExtension",
        "Orleans.Runtime.IGrainCallCancellationExtension",
    };

    public Task Invoke(IIncomingGrainCallContext context) =>
        IsOutside(context.SourceId) && Closed(context.Request) is { } closed
            ? throw new MeshException("not-for-clients", $"{closed.Name} is not for clients of the cluster. They call the grains of AgentMesh.GrainInterfaces.")
            : context.Invoke();

    // A call for a stream of answers travels inside a call of Orleans' own, and is not filtered again there.
    private Type? Closed(IInvokable request)
    {
        if (!IsOpen(request.GetInterfaceType()) && !also.Contains(request.GetInterfaceType().FullName, StringComparer.Ordinal)) return request.GetInterfaceType();
        for (var i = 0; i < request.GetArgumentCount(); i++)
            if (request.GetArgument(i) is IInvokable inner && Closed(inner) is { } closed) return closed;
        return null;
    }

    internal static bool IsOpen(Type grainInterface) => grainInterface.Assembly == typeof(IOrchestratorGrain).Assembly || OfOrleans.Contains(grainInterface.FullName!);

    private static bool IsOutside(GrainId? source) => source is { } id && id.IsClient() && !id.Key.AsSpan().StartsWith(Hosted);
}
