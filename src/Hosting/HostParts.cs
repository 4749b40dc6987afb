using AgentMesh.Agents;
using AgentMesh.Agents.Loop;
using AgentMesh.Agents.Rules;
using AgentMesh.Catalog;
using AgentMesh.Contracts;
using AgentMesh.Hosting.Telemetry;
using AgentMesh.Runtime;
using AgentMesh.Runtime.Activity;
using AgentMesh.Tools;
using AgentMesh.Tools.Mail;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Hosting;

/// <summary>What configuration makes of a host, whatever its engine: tools, roles, playbooks, models, and what runs goals with them.</summary>
public sealed record HostParts(
    ILoggerFactory Loggers, TimeProvider Time, Toolbox Toolbox, MeshCatalogue Catalogue, IReadOnlyList<IRuleBehaviour> Behaviours, ConfiguredModels Configured,
    RuntimeOptions Runtime, IAttachmentReader Attachments, IReadOnlyDictionary<string, string> Origins,
    IReadOnlyList<Diagnostic> Faults)
{
    public IModels Models => Configured;

    /// <summary>For a host that runs goals: a role or playbook that was left out for its faults may be the one that a goal needs.</summary>
    /// <exception cref="CatalogueException">Files of the user have errors.</exception>
    public HostParts RequireSound() => Faults.Count == 0 ? this : throw new CatalogueException(Faults);

    /// <summary>Where <c>role:NAME</c> or <c>playbook:NAME</c> comes from: <c>built-in</c> or a file, seen from the current folder.</summary>
    public string Origin(string key) => Origins[key] is var origin && Path.IsPathRooted(origin) ? Path.GetRelativePath(Environment.CurrentDirectory, origin) : Origins[key];

    /// <summary>Reads the configuration. Files with errors are left out and named in <see cref="Faults"/>.</summary>
    /// <param name="setting">Reads one setting by the name of its environment variable.</param>
    /// <param name="knowledge">Null for a look at the configuration alone.</param>
    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    public static HostParts Create(Func<string, string?> setting, TimeProvider time, ILoggerFactory loggers, IKnowledge? knowledge)
    {
        var tools = BuiltInTools.Create(ToolsOptions.FromEnvironment(setting), time, knowledge);
        var toolbox = new Toolbox(tools);
        var build = CatalogueBuilder.Load(toolbox.Descriptors.Values, CatalogueFolders.FromEnvironment(setting));
        var approved = (setting("AGENTMESH_APPROVED_TOOLS") ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        foreach (var name in approved)
            if (toolbox.Find(name) is null) throw new FormatException($"AGENTMESH_APPROVED_TOOLS names {name}, which is no tool of this mesh. `agentmesh tool list` shows them.");
        return new HostParts(
            loggers, time, toolbox, build.Catalogue, RuleTier.BuiltIn(), ConfiguredModels.Create(setting, time, loggers),
            new RuntimeOptions { ApprovedTools = approved, Telemetry = TelemetrySettings.Spans(setting) }, new AttachmentReader(), build.Origins,
            [.. build.Diagnostics.Where(d => d.Severity == Severity.Error)]);
    }

    /// <summary>What makes plans on this host.</summary>
    /// <param name="models">Null for the configured ones.</param>
    public PlanRunner Planner(IModels? models = null) => new(new GoalPlanner(Behaviours, models ?? Models, Runtime, Time), Catalogue, Runtime.Telemetry);

    /// <summary>What runs attempts at steps on this host.</summary>
    /// <param name="models">Null for the configured ones.</param>
    /// <param name="activity">Told of each attempt, where nothing else meters agents.</param>
    public StepRunner Steps(IContentStore content, IModels? models = null, ActivityRecorder? activity = null) => new(
        activity is null ? Agent() : new MeteredAgent(Agent(), activity), Toolbox, models ?? Models, content, Catalogue, Runtime, Time,
        Loggers.CreateLogger<StepRunner>());

    /// <summary>What runs agents for callers who wait, outside any goal.</summary>
    /// <param name="models">Null for the configured ones.</param>
    public DirectRunner Direct(IModels? models = null) => new(Agent(), Toolbox, models ?? Models, Catalogue, Runtime, Time);

    private AgentLoop Agent() => new(Behaviours, Catalogue.Kinds, Loggers.CreateLogger<AgentLoop>());
}
