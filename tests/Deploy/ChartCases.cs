namespace AgentMesh.Deploy;

/// <summary>What the chart is rendered for: its defaults, each example, and each switch turned.</summary>
public static class ChartCases
{
    private static readonly Dictionary<string, (string Set, string? Example)> Known = new(StringComparer.Ordinal)
    {
        ["defaults"] = ("", null),
        ["one-box"] = ("", "one-box.yaml"),
        ["three-nodes"] = ("", "three-nodes.yaml"),
        ["gpu-pool"] = ("", "gpu-pool.yaml"),
        ["inference on the CPU"] = ("inference: { enabled: true, replicas: 2, devices: [cpu], slots: 8 }", null),
        ["inference in process on GPUs"] = ("inference: { enabled: true, gpu: { key: amd.com/gpu, count: 2 }, models: { existingClaim: gguf }, resources: { requests: { cpu: 2 } } }", null),
        ["inference of a file"] = ("{ model: { url: \"https://models.example.com/v1\", name: big }, inference: { enabled: true, tier: small, models: { existingClaim: gguf, file: qwen/small-q4.gguf } } }", null),
        ["inference scaled by CPU"] = ("inference: { enabled: true, hpa: { enabled: true, minReplicas: 2 } }", null),
        ["inference scaled from one"] = ("inference: { enabled: true, keda: { enabled: true, prometheusAddress: \"http://prometheus:9090\", query: sum(agentmesh_inference_queue) } }", null),
        ["all scaled"] = ("{ gateway: { hpa: { enabled: true } }, agents: { hpa: { enabled: true, minReplicas: 1 } } }", null),
        ["TLS"] = ("tls: { enabled: true, secret: { name: certs, cert: a.pem, key: b.pem, ca: c.pem } }", null),
        ["callers"] = ("{ api: { adminKeySecret: { name: admin } }, settings: { AGENTMESH_RATE: 50, AGENTMESH_OIDC_ISSUER: \"https://issuer.example.com\", AGENTMESH_OIDC_AUDIENCE: mesh } }", null),
        ["clients"] = ("clientGateway: { enabled: true, keysSecret: { name: keys, key: list } }", null),
        ["clients from nowhere"] = ("{ clientGateway: { enabled: true, keysSecret: { name: keys } }, networkPolicy: { clientsFrom: [], httpFrom: [] } }", null),
        ["policies off"] = ("networkPolicy: { enabled: false }", null),
        ["policies narrow"] = ("networkPolicy: { metricsFrom: [{ namespaceSelector: {} }], postgres: { to: [{ ipBlock: { cidr: 10.0.0.0/8 } }], port: 6432 }, extraEgress: [{ ports: [{ protocol: TCP, port: 443 }] }] }", null),
        ["no migrations"] = ("migrations: { enabled: false }", null),
        ["one silo each"] = ("{ gateway: { replicas: 1 }, agents: { replicas: 1 } }", null),
        ["budgets and spreading off"] = ("{ gateway: { pdb: { enabled: false }, topologySpread: { enabled: false } }, agents: { pdb: { maxUnavailable: 30% }, topologySpread: { topologyKeys: [topology.kubernetes.io/zone, kubernetes.io/hostname] } } }", null),
        ["pinned by digest"] = ($"image: {{ repository: \"registry.example.com:5000/silo\", digest: \"sha256:{new string('a', 64)}\", pullSecrets: [pull] }}", null),
        ["account of another"] = ("serviceAccount: { create: false, name: theirs }", null),
        ["account with annotations"] = ("serviceAccount: { annotations: { a: b } }", null),
        ["ingress"] = ("ingress: { enabled: true, host: mesh.example.com, className: traefik, annotations: { a: b }, tlsSecret: tls }", null),
        ["ingress without TLS"] = ("ingress: { enabled: true, host: mesh.example.com }", null),
        ["monitored"] = ("monitoring: { serviceMonitor: { enabled: true, labels: { release: prometheus } }, dashboards: { enabled: true } }", null),
        ["own roles and playbooks"] = ("{ roles: { configMap: roles }, playbooks: { configMap: playbooks } }", null),
        ["a model and settings"] = ("{ model: { url: \"https://models.example.com/v1\", name: big, apiKeySecret: { name: model } }, settings: { AGENTMESH_LOG: information, AGENTMESH_PRICE_INPUT: 0.5 }, secretSettings: { AGENTMESH_SQL_SALES: { name: sales, key: dsn } } }", null),
        ["long drain"] = ("{ drainSeconds: 600, preStopSeconds: 0, shutdownSeconds: 5 }", null),
        ["other names and ports"] = ("{ fullnameOverride: am, clusterId: prod, ports: { http: 9000, silo: 9001, client: 9002 }, clientGateway: { enabled: true, keysSecret: { name: keys } } }", null),
        ["placed by hand"] = ("agents: { nodeSelector: { a: b }, tolerations: [{ key: a, operator: Exists }], affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: a, operator: Exists }] }] } } }, runtimeClassName: gvisor, priorityClassName: high, podLabels: { team: support }, podAnnotations: { a: b } }", null),
    };

    // Each case is rendered once for all tests, and each test reads it anew.
    private static readonly Dictionary<string, Lazy<Task<string>>> Answers =
        Known.ToDictionary(k => k.Key, k => new Lazy<Task<string>>(() => Chart.Answer(k.Value.Set, k.Value.Example)), StringComparer.Ordinal);

    public static TheoryData<string> Names { get; } = [.. Known.Keys];

    /// <summary>Renders a case, which must not be refused.</summary>
    internal static async Task<Chart> Render(string name)
    {
        var chart = Chart.Read(await Answers[name].Value);
        Assert.Empty(chart.Errors);
        return chart;
    }
}
