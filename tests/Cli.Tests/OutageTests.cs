using System.Diagnostics;
using AgentMesh.Storage;
using AgentMesh.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace AgentMesh.Cli.Tests;

/// <summary>The store goes away while a goal runs, and what a killed host leaves behind.</summary>
public sealed class OutageTests(Server server)
{
    [Fact]
    public async Task A_database_that_dies_in_the_middle_of_a_goal_is_outlasted_and_nothing_is_lost_or_doubled()
    {
        await using var shell = await Shell.Open();
        var database = await EmbeddedPostgres.Start(new StorageOptions { Home = shell.At("database") }, TimeProvider.System, NullLogger.Instance, TestContext.Current.CancellationToken);
        try
        {
            shell.Environment["AGENTMESH_POSTGRES"] = database.ConnectionString;
            var deaths = 0;
            // The server dies with the claim written and the receipt still to come; its supervisor starts it again.
            await shell.StartTickets(onRequest: () =>
            {
                if (Interlocked.Increment(ref deaths) == 1) Process.GetProcessById(database.ProcessId).Kill();
            });
            var run = await shell.Support("--approve", "auto", "-o", "json");
            Assert.Empty(run.Code == 0 ? "" : run.Err);
            Assert.True(deaths > 0, "The database was not killed while the goal ran.");
            Assert.Equal("Completed", run.Json.GetProperty("state").GetString());
            Assert.Equal(1, shell.Tickets);
        }
        finally
        {
            await database.DisposeAsync();
            NpgsqlConnection.ClearAllPools();
        }
    }

    [Fact]
    public async Task A_home_without_a_running_host_is_taken_over_and_one_with_it_is_shared()
    {
        await using var shell = await Shell.Open(server);
        await shell.StartTickets();
        Assert.Equal(3, (await shell.Support()).Code);

        // The lock file of an ended host is there, but nobody holds it: approving must run the goal, not wait for a host.
        Assert.True(File.Exists(shell.At("home/host.lock")));
        using (HomeLock.Take(shell.At("home")))
        {
            // Now a host runs: looking goes on beside it, a second run is refused.
            Assert.Equal(0, (await shell.Run("goal", "show", "last")).Code);
            var second = await shell.Support();
            Assert.Equal(2, second.Code);
            Assert.Contains("in use by another host", second.Line, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await shell.Run("goal", "approve", "last")).Code);
        Assert.Equal(1, shell.Tickets);
    }
}
