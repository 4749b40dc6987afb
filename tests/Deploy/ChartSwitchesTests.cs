using System.Text.Json.Nodes;

namespace AgentMesh.Deploy;

/// <summary>What single values do.</summary>
public sealed class ChartSwitchesTests
{
    [Fact]
    public async Task Each_role_is_a_deployment_of_its_own_and_agents_upgrade_without_a_gap()
    {
        var chart = await ChartCases.Render("gpu-pool");
        Assert.Equal(["agents", "gateway", "inference"], chart.Of("Deployment").Select(d => d.Variable("AGENTMESH_SILO_ROLES")!).Order(StringComparer.Ordinal));
        var agents = chart.One("Deployment", "-agents").Spec["strategy"]!["rollingUpdate"]!;
        Assert.Equal((1, 0), ((int)agents["maxSurge"]!, (int)agents["maxUnavailable"]!));
    }

    [Fact]
    public async Task Silos_take_their_name_and_address_from_their_pod()
    {
        var environment = (await ChartCases.Render("defaults")).One("Deployment", "-agents").Environment.ToList();
        Assert.Equal("metadata.name", Field("AGENTMESH_SILO_NAME"));
        Assert.Equal("status.podIP", Field("POD_IP"));
        Assert.Equal("$(POD_IP)", (string)environment.Single(e => (string)e["name"]! == "AGENTMESH_SILO_ADDRESS")["value"]!);
        // Kubernetes replaces $(POD_IP) only by a variable that stands before it.
        Assert.Equal("POD_IP", (string)environment[0]["name"]!);

        string Field(string name) => (string)environment.Single(e => (string)e["name"]! == name)["valueFrom"]!["fieldRef"]!["fieldPath"]!;
    }

    [Fact]
    public async Task The_schema_is_applied_before_anything_starts()
    {
        var chart = await ChartCases.Render("defaults");
        var job = chart.One("Job");
        Assert.Equal("pre-install,pre-upgrade", (string)job.Json["metadata"]!["annotations"]!["helm.sh/hook"]!);
        Assert.Equal(["migrate"], Chart.Strings(job.Program["args"]));
        // The release's own account and policy do not exist yet when the hook runs.
        Assert.Null(job.Pod["serviceAccountName"]);
        var policy = chart.One("NetworkPolicy", "-migrate").Json["metadata"]!["annotations"]!;
        Assert.Equal("pre-install,pre-upgrade", (string)policy["helm.sh/hook"]!);
        Assert.True(int.Parse((string)policy["helm.sh/hook-weight"]!, System.Globalization.CultureInfo.InvariantCulture) < 0);
        Assert.False(job.IsSilo);
        Assert.Empty((await ChartCases.Render("no migrations")).Of("Job"));
    }

    [Fact]
    public async Task The_silo_port_is_open_to_silos_only()
    {
        var chart = await ChartCases.Render("three-nodes");
        var rules = Manifest.List(chart.One("NetworkPolicy", "-silos").Spec["ingress"]);
        var silo = Assert.Single(rules, r => Ports(r).Contains("silo", StringComparer.Ordinal));
        Assert.Equal(["silo"], Ports(silo));
        var from = Assert.Single(Manifest.List(silo["from"]));
        Assert.All(chart.Of("Deployment"), d => Assert.True(d.ChosenBy(from["podSelector"]!)));
        Assert.False(chart.One("Job").ChosenBy(from["podSelector"]!));
        var clients = Assert.Single(rules, r => Ports(r).Contains("client", StringComparer.Ordinal));
        Assert.Equal("true", (string)clients["from"]![0]!["podSelector"]!["matchLabels"]!["agentmesh-client"]!);
    }

    [Fact]
    public async Task The_admins_key_is_the_gateways_alone()
    {
        var chart = await ChartCases.Render("callers");
        Assert.Equal("keys", chart.One("Deployment", "-gateway").Variable("AGENTMESH_AUTH"));
        Assert.Contains(chart.One("Deployment", "-gateway").Environment, e => (string)e["name"]! == "AGENTMESH_ADMIN_KEY");
        Assert.DoesNotContain(chart.One("Deployment", "-agents").Environment, e => (string)e["name"]! == "AGENTMESH_ADMIN_KEY");
        Assert.DoesNotContain((await ChartCases.Render("defaults")).One("Deployment", "-gateway").Environment, e => (string)e["name"]! == "AGENTMESH_ADMIN_KEY");
    }

    [Fact]
    public async Task Without_a_client_gateway_there_is_no_way_to_its_port()
    {
        var chart = await ChartCases.Render("defaults");
        Assert.DoesNotContain(chart.Of("Service"), s => s.Name.EndsWith("-clients", StringComparison.Ordinal));
        Assert.All(chart.Of("Deployment"), d => Assert.DoesNotContain(Manifest.List(d.Program["ports"]), p => (string)p["name"]! == "client"));
        Assert.All(chart.Of("Deployment"), d => Assert.Equal("0", d.Variable("AGENTMESH_CLIENT_PORT")));
        Assert.All(chart.Of("NetworkPolicy").SelectMany(p => Manifest.List(p.Spec["ingress"])), r => Assert.DoesNotContain("client", Ports(r)));
    }

    [Fact]
    public async Task Silos_reach_the_database_by_the_configured_door_only()
    {
        var chart = await ChartCases.Render("policies narrow");
        foreach (var policy in chart.Of("NetworkPolicy").Where(p => p.Spec["egress"] is not null))
        {
            var database = Assert.Single(Manifest.List(policy.Spec["egress"]), r => Ports(r).Contains("6432", StringComparer.Ordinal));
            Assert.Equal("10.0.0.0/8", (string)database["to"]![0]!["ipBlock"]!["cidr"]!);
        }
        Assert.Empty((await ChartCases.Render("policies off")).Of("NetworkPolicy"));
    }

    [Fact]
    public async Task The_GPU_goes_to_whoever_computes()
    {
        var inProcess = (await ChartCases.Render("inference in process on GPUs")).One("Deployment", "-inference");
        Assert.Equal("gpu0,gpu1", inProcess.Variable("AGENTMESH_DEVICES"));
        Assert.Equal((2, 2), Gpus(inProcess.Program, "amd.com/gpu"));

        var beside = (await ChartCases.Render("gpu-pool")).One("Deployment", "-inference");
        var server = Assert.Single(Manifest.List(beside.Pod["initContainers"]));
        Assert.Equal("Always", (string)server["restartPolicy"]!);
        Assert.Equal((1, 1), Gpus(server, "nvidia.com/gpu"));
        Assert.Null(beside.Program["resources"]!["limits"]!["nvidia.com/gpu"]);
        Assert.Equal("http://127.0.0.1:8000/v1", beside.Variable("AGENTMESH_MODEL_URL"));
        Assert.Equal("nvidia", (string)beside.Pod["runtimeClassName"]!);

        var cpu = (await ChartCases.Render("inference on the CPU")).One("Deployment", "-inference");
        Assert.Equal("cpu", cpu.Variable("AGENTMESH_DEVICES"));

        static (int, int) Gpus(JsonNode container, string key) => ((int)container["resources"]!["limits"]![key]!, (int)container["resources"]!["requests"]![key]!);
    }

    [Fact]
    public async Task A_model_file_is_the_inference_silos_and_the_endpoint_the_others()
    {
        var chart = await ChartCases.Render("inference of a file");
        var inference = chart.One("Deployment", "-inference");
        Assert.Equal(("/models/qwen/small-q4.gguf", null), (inference.Variable("AGENTMESH_MODEL"), inference.Variable("AGENTMESH_MODEL_URL")));
        var agents = chart.One("Deployment", "-agents");
        Assert.Equal(("big", "https://models.example.com/v1"), (agents.Variable("AGENTMESH_MODEL"), agents.Variable("AGENTMESH_MODEL_URL")));
    }

    [Fact]
    public async Task Keys_and_certificates_are_files_of_their_secrets()
    {
        var silo = (await ChartCases.Render("TLS")).One("Deployment", "-gateway");
        Assert.Equal("/etc/agentmesh/tls/a.pem", silo.Variable("AGENTMESH_TLS_CERT"));
        Assert.Equal("certs", (string)Manifest.List(silo.Pod["volumes"]).Single(v => (string)v["name"]! == "tls")["secret"]!["secretName"]!);
        // TLS alone would open the port; the silo itself is told to keep it closed, not the policy alone.
        Assert.Equal("0", silo.Variable("AGENTMESH_CLIENT_PORT"));
        silo = (await ChartCases.Render("clients")).One("Deployment", "-gateway");
        Assert.Equal("30000", silo.Variable("AGENTMESH_CLIENT_PORT"));
        Assert.Equal("/etc/agentmesh/clients/list", silo.Variable("AGENTMESH_CLIENT_KEYS"));
    }

    [Fact]
    public async Task Inference_scales_by_its_own_queue()
    {
        var trigger = (await ChartCases.Render("gpu-pool")).One("ScaledObject").Spec["triggers"]![0]!["metadata"]!;
        Assert.Equal("sum(agentmesh_inference_queue{namespace=\"agents\",service=\"mesh-agentmesh-silos\"})", (string)trigger["query"]!);
        Assert.Equal("8", (string)trigger["threshold"]!);
    }

    [Fact]
    public async Task Notes_say_where_the_API_is()
    {
        Assert.Contains("http://mesh-agentmesh-gateway.agents:80/v1", (await ChartCases.Render("defaults")).Notes, StringComparison.Ordinal);
        Assert.Contains("https://mesh.example.com/", (await ChartCases.Render("ingress")).Notes, StringComparison.Ordinal);
        Assert.Contains("AgentMesh.Silo migrate", (await ChartCases.Render("no migrations")).Notes, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Ports(JsonNode rule) => [.. Manifest.List(rule["ports"]).Select(p => p["port"]!.ToString())];
}
