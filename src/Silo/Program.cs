using AgentMesh.Catalog;
using AgentMesh.Silo;
using AgentMesh.Storage;

// One line and an exit code for what a person can put right; the host's own log has the rest.
try
{
    await using var silo = await SiloHost.Build(Environment.GetEnvironmentVariable, CancellationToken.None);
    await silo.RunAsync();
    return 0;
}
catch (Exception e) when (e is FormatException or StorageException or CatalogueException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
