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

    /// <summary>The release, and the commit's first twelve digits where the build knew it.</summary>
    public static string Number
    {
        get
        {
            var full = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
            var commit = full.IndexOf('+', StringComparison.Ordinal) + 1;
            return commit > 0 && full.Length > commit + 12 ? full[..(commit + 12)] : full;
        }
    }
}
