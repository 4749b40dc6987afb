using AgentMesh.Bench;
using AgentMesh.ClusterBench;
using AgentMesh.GrainInterfaces;
using AgentMesh.Runtime;
using AgentMesh.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

// One silo beside the single process, a direct call beside a bare one, idle agents, and our streams beside Orleans'. Settings: see `bench/run-cluster --help`.
var options = BenchOptions.Parse(args);
var agents = options.Grow;
var home = Directory.CreateTempSubdirectory("agentmesh-bench-").FullName;
try
{
    await using var store = await PostgresStore.Open(new StorageOptions { Home = home }, TimeProvider.System, NullLoggerFactory.Instance);
    using var silo = await OneSilo.Start(store);
    var grains = silo.Services.GetRequiredService<IGrainFactory>();
    Console.WriteLine($"{Environment.ProcessorCount} cores, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}, PostgreSQL {store.Embedded!.StartupInfo.Version}, fsync of 8 kB {ServerFacts.FsyncMilliseconds(home):0.00} ms");

    await Streams.Run(silo.Services, options.Rounds);
    using (var bare = await OneSilo.Bare(silo.Services.GetRequiredService<DirectRunner>()))
    {
        await Calls.Run(grains, bare.Services.GetRequiredService<IGrainFactory>(), options.Rounds);
        await bare.StopAsync();
    }

    await Engines.Run(store.Journal, new MeshClient(grains, TimeProvider.System), options);
    if (agents > 0) await Idle.Run(grains, agents);
    await silo.StopAsync();
    return 0;
}
finally
{
    Directory.Delete(home, recursive: true);
}
