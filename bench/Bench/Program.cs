using AgentMesh.Bench;
using AgentMesh.Storage;
using Microsoft.Extensions.Logging.Abstractions;

var home = Directory.CreateTempSubdirectory("agentmesh-bench-").FullName;
await using var store = await PostgresStore.Open(new StorageOptions { Home = home }, TimeProvider.System, NullLoggerFactory.Instance);
await using var load = new MeshLoad(store.Journal, new NoContent());
await load.Run(500, 64);
foreach (var (goals, atOnce) in new[] { (200, 1), (10_000, 64), (10_000, 1_000) })
{
    var cpu = System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime; var pg = Pg();
    var f = await load.Run(goals, atOnce);
    Console.WriteLine($"own cpu {(System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds * 1000 / goals:0} us/goal, pg {(Pg() - pg) * 10000.0 / goals:0} us/goal");
    Console.WriteLine($"{atOnce,5} at once: {f.GoalsPerSecond,8:0} goals/s  p50 {f.P50:0.0} ms  p99 {f.P99:0.0} ms");
}

long Pg() {
    long sum = 0; var me = store.Embedded!.ProcessId;
    foreach (var d in Directory.GetDirectories("/proc")) {
        try { var st = File.ReadAllText(d + "/stat"); var f = st[(st.LastIndexOf(')') + 2)..].Split(' ');
            if (f[1] == me.ToString() || d == "/proc/" + me) sum += long.Parse(f[11]) + long.Parse(f[12]); } catch (Exception) { }
    }
    return sum;
}
