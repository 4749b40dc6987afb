using AgentMesh.Gateway.Approvals;
using AgentMesh.Gateway.Artifacts;
using AgentMesh.Gateway.Dashboard;
using AgentMesh.Gateway.Goals;
using AgentMesh.Gateway.Health;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Limits;
using AgentMesh.Gateway.OpenApi;
using AgentMesh.Gateway.Protocols;
using AgentMesh.Gateway.Protocols.A2A;
using AgentMesh.Gateway.Protocols.AgUi;
using AgentMesh.Gateway.Protocols.JsonRpc;
using AgentMesh.Gateway.Protocols.Mcp;
using AgentMesh.Gateway.Protocols.OpenAi;
using AgentMesh.Gateway.Security;
using AgentMesh.Gateway.Security.Oidc;
using AgentMesh.Gateway.Telemetry;
using AgentMesh.Gateway.Webhooks;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Gateway;

/// <summary>Puts the HTTP face on a host.</summary>
public static class GatewayExtensions
{
    /// <summary>
    /// What the face needs of its own. The host registers the mesh that it shows, as singletons: <c>IMesh</c>, <c>IOperations</c>,
    /// <c>IContentStore</c>, <c>IUsage</c>, <c>IAttachmentReader</c>, <c>IKnowledge</c>, <c>MeshCatalogue</c>, <c>IKeyStore</c>, <c>IAuditLog</c>, and where it has more to say <see cref="IHealth"/>.
    /// </summary>
    public static IServiceCollection AddAgentMeshGateway(this IServiceCollection services, GatewayOptions? options = null)
    {
        services.TryAddSingleton(options ?? new GatewayOptions());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new RuntimeOptions());
        services.TryAddSingleton<IHealth, HostHealth>();
        services.TryAddSingleton<GoalInputs>();
        services.TryAddSingleton<AllStreams>();
        services.TryAddSingleton<IStreamLimit, KeyStreams>();
        services.TryAddSingleton<RequestRate>();
        services.TryAddSingleton<TenantBudget>();
        services.TryAddSingleton<BodyBudget>();
        services.TryAddSingleton<Idempotency>();
        services.TryAddSingleton<ServerSentEvents>();
        services.TryAddSingleton<ApprovalWatch>();
        services.TryAddSingleton<GoalRest>();
        services.TryAddSingleton<GoalAsking>();
        services.TryAddSingleton<GoalAnswer>();
        services.TryAddSingleton<RpcAnswers>();
        services.TryAddSingleton<A2AEndpoint>();
        services.TryAddSingleton<AgUiEndpoint>();
        services.TryAddSingleton<McpCalls>();
        services.TryAddSingleton<McpResources>();
        services.TryAddSingleton<McpEndpoint>();
        services.TryAddSingleton<Failures>();
        services.TryAddSingleton<KeyRing>();
        services.TryAddSingleton<Authenticator>();
        services.TryAddSingleton<CallerGate>();
        services.TryAddSingleton<GoalTenants>();
        services.TryAddSingleton<AuditTrail>();
        services.TryAddSingleton<OidcLogin>();
        services.AddHostedService<DeclaredAccess>();
        // The framework's own lines about requests have whole addresses, with what people look for in them.
        services.Configure<LoggerFilterOptions>(o => o.Rules.Add(new LoggerFilterRule(null, "Microsoft.AspNetCore", LogLevel.Warning, null)));
        services.Configure<KestrelServerOptions>(o => o.AddServerHeader = false);
        return services.AddRouting();
    }

    /// <summary>
    /// Maps everything under <c>/v1</c>, the health probes, and the dashboard under everything else, behind a gate that lets nobody through to a route that does not say for whom it is. The host
    /// does not start while there is one, its own included: see <see cref="AccessExtensions"/>.
    /// </summary>
    public static WebApplication MapAgentMesh(this WebApplication app)
    {
        var gate = app.Services.GetRequiredService<CallerGate>();
        app.Use(next => http => gate.Invoke(http, next));
        var v1 = app.MapGroup("/v1").AddEndpointFilter<RequestSpan>().AddEndpointFilter<ProblemFilter>();
        GoalEndpoints.Map(v1);
        SubmitEndpoint.Map(v1);
        ForkEndpoint.Map(v1);
        PeopleEndpoints.Map(v1);
        EventsEndpoint.Map(v1);
        ArtifactEndpoints.Map(v1);
        ApprovalEndpoints.Map(v1);
        UsageEndpoints.Map(v1);
        KnowledgeEndpoints.Map(v1);
        CatalogueEndpoints.Map(v1);
        ClusterEndpoints.Map(v1);
        KeyEndpoints.Map(v1);
        CallerEndpoints.Map(v1);
        OpenAiEndpoints.Map(v1);
        WebhookEndpoints.Map(v1, app.Services);
        v1.MapFallback("{**rest}", (HttpContext http) => Problems.Result(
            404, "route-not-found", $"There is no {http.Request.Method} {http.Request.Path}. GET /openapi/v1.json says what there is.")).ForCallers();
        OpenApiEndpoint.Map(app);
        A2AEndpoint.Map(app);
        AgUiEndpoint.Map(app);
        McpEndpoint.Map(app);
        DashboardEndpoints.Map(app, app.Services.GetRequiredService<GatewayOptions>());
        app.MapAgentMeshHealth();
        return app;
    }

    /// <summary>Only the health probes, for a host that does not show the mesh.</summary>
    public static IEndpointRouteBuilder MapAgentMeshHealth(this IEndpointRouteBuilder app)
    {
        HealthEndpoints.Map(app.MapGroup("/health").AddEndpointFilter<UntracedRequest>().AddEndpointFilter<ProblemFilter>());
        return app;
    }
}
