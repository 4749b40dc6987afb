using AgentMesh.Bench;
using AgentMesh.Storage;
using Microsoft.Extensions.Logging.Abstractions;

// Durable goals per second, side by side with others on the same PostgreSQL in the same run. Settings: see `bench/run --help`.
var options = BenchOptions.Parse(args);
var home = Directory.CreateTempSubdirectory("agentmesh-bench-").FullName;
try
{
    await using var store = await PostgresStore.Open(new StorageOptions { Home = home }, TimeProvider.System, NullLoggerFactory.Instance);
    var server = new ServerFacts(store.Embedded!);
    await using var load = new MeshLoad(store.Journal);
    var rivals = new Rivals(options.Baselines, server.Url);

    Console.WriteLine($"{Environment.ProcessorCount} cores, PostgreSQL {store.Embedded!.StartupInfo.Version}, fsync of 8 kB {ServerFacts.FsyncMilliseconds(home):0.00} ms");
    if (rivals.Exist) Console.WriteLine(await rivals.Commits());
    await load.Run(options.WarmUp, 64);
    await SideBySide.Run(load, rivals, server, options);
    if (options.Grow > 0) await Growth.Run(Path.Combine(home, "growth"), options.Grow);
    return 0;
}
finally
{
    Directory.Delete(home, recursive: true);
}
