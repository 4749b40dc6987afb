using System.CommandLine;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Storage;
using AgentMesh.Storage.Embedded;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Cli.Commands;

/// <summary>The embedded PostgreSQL by itself, for a cluster on one machine.</summary>
internal static class DatabaseCommand
{
    public static Command Build(Terminal terminal)
    {
        var command = new Command(
            "database", "Runs this home's PostgreSQL by itself until it is interrupted, and prints its connection string: for silos on this machine.")
            .WithExamples("AGENTMESH_HOME=.agentmesh/cluster agentmesh database");
        command.SetAction(async (_, ct) =>
        {
            var options = StorageOptions.FromEnvironment(terminal.Environment);
            if (options.Postgres is not null) throw new CliException("AGENTMESH_POSTGRES names a server already: use that one.");
            await using var server = await EmbeddedPostgres.Start(options, terminal.Time, Logging.Factory(terminal).CreateLogger<EmbeddedPostgres>(), ct);
            await terminal.Out.WriteLineAsync(server.ConnectionString);
            await terminal.Out.FlushAsync(ct);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, terminal.Time, ct);
            }
            catch (OperationCanceledException)
            {
                // Interrupted, as it is meant to be.
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
