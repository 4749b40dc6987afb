using System.CommandLine;
using System.Reflection;
using AgentMesh.Cli.Output;

namespace AgentMesh.Cli.Commands;

internal static class VersionCommand
{
    public static Command Build(Terminal terminal)
    {
        var command = new Command("version", "The version of AgentMesh and of .NET.").WithExamples("agentmesh version");
        command.SetAction(_ =>
        {
            terminal.Out.WriteLine($"agentmesh {Number} (.NET {Environment.Version})");
            return ExitCodes.Done;
        });
        return command;
    }

    public static string Number => typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
