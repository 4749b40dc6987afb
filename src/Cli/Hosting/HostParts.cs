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
    RuntimeOptions Runtime, IAttachmentReader Attachments)
{
    public IModels Models => Configured;

    /// <param name="store">Null for a look at the configuration alone.</param>
    public static HostParts Create(Terminal terminal, PostgresStore? store, ILoggerFactory loggers)
    {
        var tools = BuiltInTools.Create(ToolsOptions.FromEnvironment(terminal.Environment), terminal.Time, store?.Knowledge);
        var toolbox = new Toolbox(tools);
        var catalogue = CatalogueBuilder.Build(toolbox.Descriptors.Values, CatalogueFolders.FromEnvironment(terminal.Environment));
        var approved = (terminal.Environment("AGENTMESH_APPROVED_TOOLS") ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        foreach (var name in approved)
            if (toolbox.Find(name) is null) throw new CliException($"AGENTMESH_APPROVED_TOOLS names {name}, which is no tool of this mesh. `agentmesh tool list` shows them.");
        return new HostParts(
            loggers, toolbox, catalogue, RuleTier.BuiltIn(), ConfiguredModels.Create(terminal, loggers),
            new RuntimeOptions { ApprovedTools = approved }, new AttachmentReader());
    }
}
