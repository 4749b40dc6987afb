using AgentMesh.Bench;
using AgentMesh.Gateway;
using AgentMesh.GatewayBench;
using AgentMesh.Storage;
using Microsoft.Extensions.Logging.Abstractions;

// What the gateway costs and holds, in one run on an embedded PostgreSQL. Settings: see `bench/run-gateway --help`.
string Value(string name, string otherwise) => args.SkipWhile(a => a != name).Skip(1).FirstOrDefault() ?? otherwise;
var (rounds, goals, connections) = (int.Parse(Value("--rounds", "3")), int.Parse(Value("--goals", "500")), int.Parse(Value("--connections", "64")));
var (seconds, followers, followed) = (int.Parse(Value("--seconds", "10")), int.Parse(Value("--followers", "1000")), int.Parse(Value("--followed", "50")));
var home = Directory.CreateTempSubdirectory("agentmesh-bench-").FullName;
try
{
    await using var store = await PostgresStore.Open(new StorageOptions { Home = home }, TimeProvider.System, NullLoggerFactory.Instance);
    Console.WriteLine($"{Environment.ProcessorCount} cores, PostgreSQL {store.Embedded!.StartupInfo.Version}, fsync of 8 kB {ServerFacts.FsyncMilliseconds(home):0.00} ms");

    var parts = InstantParts.Create();
    await using (var site = await Site.Start(store, parts.Catalogue, parts.Planner, parts.Steps, new GatewayOptions()))
    {
        var submits = new Submits(site);
        await submits.Rate("v1/goals", connections, TimeSpan.FromSeconds(seconds));
        await submits.Rate("bare", connections, TimeSpan.FromSeconds(seconds));
        var (straight, http) = await submits.Overhead(goals);
        Console.WriteLine($"submit, one at a time, p50 of {goals}: IMesh.Submit {straight:0.00} ms, POST /v1/goals {http:0.00} ms: {http - straight:0.00} ms more");
        for (var round = 1; round <= rounds; round++)
        {
            var bare = await submits.Rate("bare", connections, TimeSpan.FromSeconds(seconds));
            var whole = await submits.Rate("v1/goals", connections, TimeSpan.FromSeconds(seconds));
            Console.WriteLine($"{connections} connections, round {round}: bare endpoint with one append {bare:0} submits/s, POST /v1/goals with goals that run to their ends {whole:0} submits/s: {whole / bare:0.00} x");
        }
    }

    var talk = Talkative.Parts();
    await using (var site = await Site.Start(store, talk.Catalogue, talk.Planner, talk.Steps, new GatewayOptions { SlowReader = TimeSpan.FromSeconds(2) }))
    {
        var o = await new Follows(site, followers, followed).Run();
        Console.WriteLine(
            $"{followers} followers of {followed} goals: {o.Entries} entries, {o.Gaps} gaps, {o.Repeats} repeats, {o.Short} short of their goal's end; "
            + $"{o.Reconnects} reconnects over a restart of the gateway, which let all go in {o.Closing.TotalMilliseconds:0} ms; {o.Dropped} of {o.Slow} slow readers dropped; "
            + $"from journal to follower p50 {o.P50:0.0} ms, p99 {o.P99:0.0} ms; {o.MegaBytes} MB");
        return o is { Gaps: 0, Repeats: 0, Short: 0 } && o.Dropped == o.Slow ? 0 : 1;
    }
}
finally
{
    Directory.Delete(home, recursive: true);
}
