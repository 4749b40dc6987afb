using AgentMesh.Agents;
using AgentMesh.Agents.Rules;
using AgentMesh.Catalog;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using AgentMesh.Storage;
using AgentMesh.Tools;
using AgentMesh.Tools.Mail;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Cli.Hosting;

/// <summary>What configuration makes of this host: tools, roles, playbooks, models.</summary>
internal sealed record HostParts(
    ILoggerFactory Loggers, Toolbox Toolbox, MeshCatalogue Catalogue, IReadOnlyList<IRuleBehaviour> Behaviours, ConfiguredModels Configured,
    RuntimeOptions Runtime, IAttachmentReader Attachments, IReadOnlyDictionary<string, string> Origins,
    IReadOnlyList<Diagnostic> Faults)
{
    public IModels Models => Configured;

    /// <summary>For a host that runs goals: a role or playbook that was left out for its faults may be the one that a goal needs.</summary>
    /// <exception cref="CatalogueException">Files of the user have errors.</exception>
    public HostParts RequireSound() => Faults.Count == 0 ? this : throw new CatalogueException(Faults);

    /// <summary>For commands that only look: says on stderr what was left out.</summary>
    public HostParts WarnOfFaults(Terminal terminal)
    {
        foreach (var fault in Faults) terminal.Err.WriteLine(fault);
        return this;
    }

    /// <summary>Where <c>role:NAME</c> or <c>playbook:NAME</c> comes from: <c>built-in</c> or a file, seen from the current folder.</summary>
    public string Origin(string key) => Origins[key] is var origin && Path.IsPathRooted(origin) ? Path.GetRelativePath(Environment.CurrentDirectory, origin) : Origins[key];

    /// <summary>Reads the configuration. Files with errors are left out and named in <see cref="Faults"/>.</summary>
    /// <param name="store">Null for a look at the configuration alone.</param>
    public static HostParts Create(Terminal terminal, PostgresStore? store, ILoggerFactory loggers)
    {
        var tools = BuiltInTools.Create(ToolsOptions.FromEnvironment(terminal.Environment), terminal.Time, store?.Knowledge);
        var toolbox = new Toolbox(tools);
        var build = CatalogueBuilder.Load(toolbox.Descriptors.Values, CatalogueFolders.FromEnvironment(terminal.Environment));
        var approved = (terminal.Environment("AGENTMESH_APPROVED_TOOLS") ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        foreach (var name in approved)
            if (toolbox.Find(name) is null) throw new CliException($"AGENTMESH_APPROVED_TOOLS names {name}, which is no tool of this mesh. `agentmesh tool list` shows them.");
        return new HostParts(
            loggers, toolbox, build.Catalogue, RuleTier.BuiltIn(), ConfiguredModels.Create(terminal, loggers),
            new RuntimeOptions { ApprovedTools = approved }, new AttachmentReader(), build.Origins,
            [.. build.Diagnostics.Where(d => d.Severity == Severity.Error)]);
    }
}
