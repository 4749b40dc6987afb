using AgentMesh.Contracts;
using Microsoft.AspNetCore.Builder;

namespace AgentMesh.Gateway.Security;

/// <summary>Who may call an endpoint. One without it is closed, and keeps the host from starting.</summary>
/// <param name="Roles">Any of them suffices; admins need none. Null opens the endpoint to everybody, without asking who they are.</param>
public sealed record Access(IReadOnlyList<CallerRole>? Roles);

/// <summary>Declares who may call an endpoint.</summary>
public static class AccessExtensions
{
    private static readonly Access Everybody = new(Enum.GetValues<CallerRole>());

    /// <summary>Callers with any of these roles, and admins.</summary>
    public static T For<T>(this T endpoint, params CallerRole[] roles) where T : IEndpointConventionBuilder => endpoint.WithMetadata(new Access(roles));

    /// <summary>Every caller who is known.</summary>
    public static T ForCallers<T>(this T endpoint) where T : IEndpointConventionBuilder => endpoint.WithMetadata(Everybody);

    /// <summary>Everybody, unasked: probes and files that hold nobody's data.</summary>
    public static T ForAnyone<T>(this T endpoint) where T : IEndpointConventionBuilder => endpoint.WithMetadata(new Access((IReadOnlyList<CallerRole>?)null));
}
