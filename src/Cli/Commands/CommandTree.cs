using System.CommandLine;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;

namespace AgentMesh.Cli.Commands;

/// <summary>All commands of <c>agentmesh</c>, in the order that help shows them.</summary>
public static class CommandTree
{
    public static RootCommand Build(Terminal terminal)
    {
        var root = new RootCommand(
            "AgentMesh runs teams of AI agents that survive crashes and can be trusted with side effects.\n" +
            "Exit codes: 0 done, 1 broken, 2 bad usage, 3 waiting for a person, 4 failed, 5 cancelled.")
        {
            RunCommand.Build(terminal),
            GoalCommand.Build(terminal),
            DevCommand.Build(terminal),
            CatalogueCommands.Roles(terminal),
            CatalogueCommands.Tools(terminal),
            PlaybookCommand.Build(terminal),
            KnowledgeCommand.Build(terminal),
            ModelCommand.Build(terminal),
            ClusterCommand.Build(terminal),
            KeysCommand.Build(terminal),
            ContextCommand.Build(terminal),
            DatabaseCommand.Build(terminal),
            DoctorCommand.Build(terminal),
            VersionCommand.Build(terminal),
            CompletionCommand.Build(terminal),
        };
        root.Add(MeshAccess.Server());
        root.WithExamples("agentmesh run \"Answer this customer and open a ticket\" --attach mail.eml --knowledge docs/support", "agentmesh goal list");
        Help.AddExamples(root);
        return root;
    }
}
