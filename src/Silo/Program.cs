using AgentMesh.Catalog;
using AgentMesh.Inference;
using AgentMesh.Inference.ModelFiles;
using AgentMesh.Silo;
using AgentMesh.Storage;
using Microsoft.Extensions.Logging.Abstractions;

// One line and an exit code for what a person can put right; the host's own log has the rest.
try
{
    switch (args)
    {
        case []:
            await using (var silo = await SiloHost.Build(Environment.GetEnvironmentVariable, CancellationToken.None)) await silo.RunAsync();
            return 0;
        case ["migrate"]:
            var applied = await PostgresStore.Migrate(StorageOptions.FromEnvironment(), NullLoggerFactory.Instance);
            Console.WriteLine(applied.Count == 0 ? "The schema is up to date." : $"Applied migrations {string.Join(", ", applied)}.");
            return 0;
        default:
            await Console.Error.WriteLineAsync("Usage: AgentMesh.Silo runs a silo as its environment says; AgentMesh.Silo migrate brings the database's schema up to date and ends.");
            return 2;
    }
}
catch (Exception e) when (e is FormatException or StorageException or CatalogueException or ModelOptionsException or ModelFileException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
