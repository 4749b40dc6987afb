using System.Globalization;
using System.Text.Json.Nodes;

namespace AgentMesh.Deploy;

/// <summary>What must hold of the rendered objects together, whatever the values.</summary>
public sealed class ChartFactsTests
{
    /// <summary>Every variable that a silo or a tool of it reads and that the chart may set.</summary>
    private static readonly HashSet<string> Documented = new(
        """
        POD_IP AGENTMESH_HOME AGENTMESH_POSTGRES AGENTMESH_CLUSTER AGENTMESH_SILO_NAME AGENTMESH_SILO_ROLES AGENTMESH_SILO_ADDRESS AGENTMESH_SILO_PORT
        AGENTMESH_CLIENT_PORT AGENTMESH_HTTP AGENTMESH_DEVICES AGENTMESH_SLOTS AGENTMESH_MODEL_TIER AGENTMESH_MODEL_URL AGENTMESH_MODEL AGENTMESH_API_KEY AGENTMESH_TLS_CERT AGENTMESH_TLS_KEY
        AGENTMESH_TLS_CA AGENTMESH_CLIENT_KEYS AGENTMESH_DRAIN AGENTMESH_ROLES AGENTMESH_PLAYBOOKS AGENTMESH_PRICE_INPUT AGENTMESH_LOG AGENTMESH_JIRA_URL
        AGENTMESH_AUTH AGENTMESH_ADMIN_KEY AGENTMESH_OIDC_ISSUER AGENTMESH_OIDC_AUDIENCE AGENTMESH_RATE AGENTMESH_JIRA_EMAIL AGENTMESH_JIRA_TOKEN AGENTMESH_JIRA_PROJECT AGENTMESH_SQL_SALES
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);

    private static readonly string[] Secrets = ["AGENTMESH_POSTGRES", "AGENTMESH_ADMIN_KEY", "AGENTMESH_API_KEY", "AGENTMESH_JIRA_TOKEN", "AGENTMESH_SQL_SALES"];

    public static TheoryData<string> Cases => ChartCases.Names;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Selectors_choose_pods_that_exist(string name)
    {
        var chart = await ChartCases.Render(name);
        var silos = chart.Of("Deployment").ToList();
        foreach (var deployment in silos)
        {
            Assert.Equal([deployment], silos.Where(d => d.ChosenBy(deployment.Spec["selector"]!)));
            foreach (var spread in Manifest.List(deployment.Pod["topologySpreadConstraints"])) Assert.Equal([deployment], silos.Where(d => d.ChosenBy(spread["labelSelector"]!)));
        }
        foreach (var budget in chart.Of("PodDisruptionBudget")) Assert.Single(silos, d => d.ChosenBy(budget.Spec["selector"]!));
        foreach (var service in chart.Of("Service")) Assert.Contains(silos, d => d.ChosenBy(service.Spec["selector"]!));
        foreach (var policy in chart.Of("NetworkPolicy")) Assert.Contains(chart.Workloads, d => d.ChosenBy(policy.Spec["podSelector"]!));
        foreach (var scaler in chart.Objects.Where(o => o.Kind is "HorizontalPodAutoscaler" or "ScaledObject")) Assert.Contains(silos, d => d.Name == (string)scaler.Spec["scaleTargetRef"]!["name"]!);
        foreach (var monitor in chart.Of("ServiceMonitor"))
            Assert.Single(chart.Of("Service"), s => monitor.Spec["selector"]!["matchLabels"]!.AsObject().All(l => JsonNode.DeepEquals(s.Json["metadata"]!["labels"]![l.Key], l.Value)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Ports_that_are_named_exist(string name)
    {
        var chart = await ChartCases.Render(name);
        foreach (var service in chart.Of("Service"))
        {
            foreach (var silo in chart.Of("Deployment").Where(d => d.ChosenBy(service.Spec["selector"]!)))
                Assert.All(Manifest.List(service.Spec["ports"]), p => Assert.Contains((string)p["targetPort"]!, PortNames(silo)));
        }
        foreach (var policy in chart.Of("NetworkPolicy"))
        {
            var ports = Manifest.List(policy.Spec["ingress"]).SelectMany(i => Manifest.List(i["ports"])).Select(p => (string)p["port"]!).ToList();
            foreach (var pod in chart.Workloads.Where(d => d.ChosenBy(policy.Spec["podSelector"]!))) Assert.Empty(ports.Except(PortNames(pod), StringComparer.Ordinal));
        }
        foreach (var container in chart.Workloads.SelectMany(w => w.Containers))
        {
            var own = Manifest.List(container["ports"]).Select(p => (string)p["name"]!).ToList();
            Assert.All(Probes(container), p => Assert.Contains((string)p["httpGet"]!["port"]!, own));
        }
        foreach (var ingress in chart.Of("Ingress"))
        {
            var service = ingress.Spec["rules"]![0]!["http"]!["paths"]![0]!["backend"]!["service"]!;
            Assert.Contains((string)service["port"]!["name"]!, Manifest.List(chart.Objects.Single(o => o.Kind == "Service" && o.Name == (string)service["name"]!).Spec["ports"]).Select(p => (string)p["name"]!));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Probes_ask_what_a_silo_answers(string name)
    {
        foreach (var silo in (await ChartCases.Render(name)).Of("Deployment"))
        {
            var program = silo.Program;
            Assert.Equal("/health/startup", Path(program["startupProbe"]));
            Assert.Equal("/health/ready", Path(program["readinessProbe"]));
            Assert.Equal("/health/live", Path(program["livenessProbe"]));
            var http = Manifest.List(program["ports"]).Single(p => (string)p["name"]! == "http");
            Assert.Equal($"http://0.0.0.0:{http["containerPort"]}", silo.Variable("AGENTMESH_HTTP"));
            var startup = program["startupProbe"]!;
            Assert.InRange((int)startup["periodSeconds"]! * (int)startup["failureThreshold"]!, 180, 3600);
        }
        static string Path(JsonNode? probe) => (string)probe!["httpGet"]!["path"]!;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_stopping_silo_has_time_to_drain(string name)
    {
        foreach (var silo in (await ChartCases.Render(name)).Of("Deployment"))
        {
            var drain = int.Parse(silo.Variable("AGENTMESH_DRAIN")!, CultureInfo.InvariantCulture);
            var sleep = (int?)silo.Program["lifecycle"]?["preStop"]?["sleep"]?["seconds"] ?? 0;
            Assert.True((int)silo.Pod["terminationGracePeriodSeconds"]! >= drain + sleep + 5, $"{silo}: {silo.Pod["terminationGracePeriodSeconds"]} s to drain for {drain} s after {sleep} s");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Secrets_come_by_reference_and_variables_are_documented(string name)
    {
        var chart = await ChartCases.Render(name);
        Assert.Empty(chart.Of("Secret"));
        foreach (var workload in chart.Workloads)
        {
            var variables = workload.Environment.Select(e => (string)e["name"]!).ToList();
            Assert.Empty(variables.Except(Documented, StringComparer.Ordinal));
            Assert.Equal(variables.Distinct(StringComparer.Ordinal), variables);
            Assert.Contains("AGENTMESH_POSTGRES", variables);
            foreach (var secret in workload.Environment.Where(e => Secrets.Contains((string)e["name"]!, StringComparer.Ordinal)))
            {
                Assert.Null(secret["value"]);
                Assert.NotEmpty((string)secret["valueFrom"]!["secretKeyRef"]!["name"]!);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Pods_have_no_privileges(string name)
    {
        var chart = await ChartCases.Render(name);
        foreach (var workload in chart.Workloads)
        {
            Assert.False((bool)workload.Pod["automountServiceAccountToken"]!);
            Assert.True((bool)workload.Pod["securityContext"]!["runAsNonRoot"]!);
            Assert.Equal("RuntimeDefault", (string)workload.Pod["securityContext"]!["seccompProfile"]!["type"]!);
            var volumes = Manifest.List(workload.Pod["volumes"]).Select(v => (string)v["name"]!).ToList();
            foreach (var container in workload.Containers)
            {
                var context = container["securityContext"]!;
                Assert.True((bool)context["readOnlyRootFilesystem"]!);
                Assert.False((bool)context["allowPrivilegeEscalation"]!);
                Assert.Equal(["ALL"], Chart.Strings(context["capabilities"]!["drop"]));
                var mounts = Manifest.List(container["volumeMounts"]);
                Assert.Contains(mounts, m => (string)m["mountPath"]! == "/tmp");
                Assert.Empty(mounts.Select(m => (string)m["name"]!).Except(volumes, StringComparer.Ordinal));
                Assert.Matches("(@sha256:[0-9a-f]{64}|:[A-Za-z0-9_.-]+)$", (string)container["image"]!);
                Assert.DoesNotContain(":latest", (string)container["image"]!, StringComparison.Ordinal);
            }
        }
        foreach (var account in chart.Of("ServiceAccount")) Assert.False((bool)account.Json["automountServiceAccountToken"]!);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task No_workload_has_two_scalers_or_a_budget_that_holds_its_only_pod(string name)
    {
        var chart = await ChartCases.Render(name);
        var scalers = chart.Objects.Where(o => o.Kind is "HorizontalPodAutoscaler" or "ScaledObject").ToList();
        Assert.Equal(scalers.Count, scalers.Select(s => (string)s.Spec["scaleTargetRef"]!["name"]!).Distinct(StringComparer.Ordinal).Count());
        foreach (var deployment in chart.Of("Deployment"))
        {
            var scaler = scalers.SingleOrDefault(s => (string)s.Spec["scaleTargetRef"]!["name"]! == deployment.Name);
            // A Deployment that is scaled must not name a number, or each upgrade resets it.
            Assert.Equal(scaler is null, deployment.Spec["replicas"] is not null);
            var fewest = (int?)(deployment.Spec["replicas"] ?? scaler!.Spec["minReplicas"] ?? scaler.Spec["minReplicaCount"]);
            if (chart.Of("PodDisruptionBudget").Any(b => deployment.ChosenBy(b.Spec["selector"]!))) Assert.True(fewest > 1, $"{deployment} has {fewest} pod and a budget");
        }
    }

    private static IEnumerable<string> PortNames(Manifest workload) => workload.Containers.SelectMany(c => Manifest.List(c["ports"])).Select(p => (string)p["name"]!);

    private static IEnumerable<JsonNode> Probes(JsonNode container) => new[] { "startupProbe", "readinessProbe", "livenessProbe" }.Select(p => container[p]).OfType<JsonNode>();
}
