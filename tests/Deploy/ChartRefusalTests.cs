namespace AgentMesh.Deploy;

/// <summary>A wrong value is refused before anything reaches a cluster, in words that name it.</summary>
public sealed class ChartRefusalTests
{
    [Theory]
    [InlineData("agents: { replicas: three }", "agents.replicas: Invalid type. Expected: integer, given: string")]
    [InlineData("agents: { replicas: -1 }", "agents.replicas: Must be greater than or equal to 0")]
    [InlineData("agents: { replcas: 3 }", "agents: Additional property replcas is not allowed")]
    [InlineData("agent: {}", "(root): Additional property agent is not allowed")]
    [InlineData("gateway: { keda: { enabled: true } }", "gateway: Additional property keda is not allowed")]
    [InlineData("ports: { silo: 70000 }", "ports.silo: Must be less than or equal to 65535")]
    [InlineData("drainSeconds: 0", "drainSeconds: Must be greater than or equal to 1")]
    [InlineData("gateway: { service: { type: Loadbalancer } }", "gateway.service.type: gateway.service.type must be one of the following")]
    [InlineData("image: { digest: sha256:abc }", "image.digest: Does not match pattern")]
    [InlineData("settings: { AGENTMESH_POSTGRES: Host=db }", "Property name of \"AGENTMESH_POSTGRES\" does not match")]
    [InlineData("settings: { AGENTMESH_API_KEY: sk-1 }", "Property name of \"AGENTMESH_API_KEY\" does not match")]
    [InlineData("settings: { AGENTMESH_SILO_NAME: mine }", "Property name of \"AGENTMESH_SILO_NAME\" does not match")]
    [InlineData("secretSettings: { AGENTMESH_JIRA_TOKEN: secret }", "secretSettings.AGENTMESH_JIRA_TOKEN: Invalid type. Expected: object, given: string")]
    [InlineData("secretSettings: { AGENTMESH_JIRA_TOKEN: { name: jira } }", "secretSettings.AGENTMESH_JIRA_TOKEN: key is required")]
    [InlineData("agents: { podLabels: { agentmesh/silo: \"false\" } }", "Property name of \"agentmesh/silo\" does not match")]
    [InlineData("inference: { gpu: { key: gpu } }", "inference.gpu.key: Does not match pattern")]
    [InlineData("inference: { models: { existingClaim: gguf, file: /models/small.gguf } }", "inference.models.file: Does not match pattern")]
    [InlineData("podSecurityContext: { runAsUser: 0 }", "podSecurityContext.runAsUser: Must be greater than or equal to 1")]
    [InlineData("postgres: { connectionString: Host=db }", "postgres: Additional property connectionString is not allowed")]
    public async Task The_schema_refuses(string set, string expected) => Assert.Contains(await Refusals(set), e => e.Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("postgres: { secret: { name: \"\" } }", "postgres.secret: name or key is missing. Name the Secret")]
    [InlineData("postgres: { secret: { name: null } }", "postgres.secret: name or key is missing. Name the Secret")]
    [InlineData("inference: { enabled: true, hpa: { enabled: true }, keda: { enabled: true, prometheusAddress: \"http://p\" } }", "inference: hpa and keda are both enabled")]
    [InlineData("inference: { enabled: true, keda: { enabled: true } }", "inference.keda: prometheusAddress is missing. Set the URL")]
    [InlineData("inference: { keda: { enabled: true, prometheusAddress: \"http://p\", minReplicas: 5 } }", "inference.keda: minReplicas (5) is more than maxReplicas (4)")]
    [InlineData("agents: { hpa: { enabled: true, minReplicas: 20 } }", "agents.hpa: minReplicas (20) is more than maxReplicas (12)")]
    [InlineData("gateway: { strategy: { maxSurge: 0 } }", "gateway.strategy: maxSurge and maxUnavailable are both 0")]
    [InlineData("inference: { models: { file: small.gguf } }", "inference.models.file: existingClaim is missing. Name the claim")]
    [InlineData("inference: { models: { existingClaim: gguf, file: small.gguf }, server: { enabled: true, image: \"llama:1\" } }", "inference: models.file is served by the silo itself")]
    [InlineData("inference: { server: { enabled: true } }", "inference.server.image: name an image with its tag or digest")]
    [InlineData("inference: { server: { enabled: true, image: \"llama:latest\" } }", "inference.server.image: the tag latest moves")]
    [InlineData("image: { tag: latest }", "image.tag: the tag latest moves")]
    [InlineData("tls: { enabled: true }", "tls: enabled without tls.secret.name")]
    [InlineData("clientGateway: { enabled: true }", "clientGateway: enabled without clientGateway.keysSecret.name")]
    [InlineData("ingress: { enabled: true }", "ingress: enabled without ingress.host")]
    [InlineData("ports: { http: 11111 }", "ports: http, silo and client must differ")]
    public async Task The_rules_refuse(string set, string expected) => Assert.Contains(await Refusals(set), e => e.Contains(expected, StringComparison.Ordinal));

    private static async Task<IReadOnlyList<string>> Refusals(string set)
    {
        var chart = await Chart.Render(set);
        Assert.Empty(chart.Objects);
        return chart.Errors;
    }
}
