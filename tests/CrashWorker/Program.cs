using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.CrashWorker;
using AgentMesh.Runtime;

// A host that runs support goals until it is killed, or (drain) until none moves any more. Lines on stdout are acknowledgements:
// what was printed before the kill must hold after it.
var options = WorkerOptions.Parse(args);
var terminal = Terminal.Plain(Console.Out, Console.Error, TextReader.Null, Environment.GetEnvironmentVariable);
await using var host = await MeshHost.Open(
    terminal, CancellationToken.None, options.DieAt > 0 ? journal => new DyingJournal(journal, options.DieAt, options.DieWhen) : null);
var people = new People(host.Mesh);
Say("ready");

switch (options.Mode)
{
    case "load":
        await Task.WhenAll(Enumerable.Range(0, options.AtOnce).Select(async n =>
        {
            var random = new Random(options.Seed * 1000 + n);
            while (true) await people.SeeThrough(await Submit(random.Next(options.Mails.Count), random.Next(2) == 0 ? ApprovalMode.Ask : ApprovalMode.Auto));
        }));
        break;
    case "one":
        await people.SeeThrough(await Submit(0, ApprovalMode.Ask));
        break;
    case "drain":
        GoalQuery unfinished = new(null, [GoalStatus.Planning, GoalStatus.Running, GoalStatus.Waiting], 1000);
        while (await host.Mesh.List(unfinished) is { Count: > 0 } left) await Task.WhenAll(left.Select(g => people.SeeThrough(g.Goal)));
        break;
    case "judge":
        for (var before = default(GoalId?); ;)
        {
            var page = await host.Mesh.List(new GoalQuery(null, null, 1000, before));
            foreach (var goal in page)
            {
                var asked = new List<string>();
                await foreach (var entry in host.Mesh.Events(goal.Goal))
                    if (entry.Event is ApprovalRequested a) asked.Add($"{a.Call}@{a.PlanVersion}");
                Say($"goal {goal.Goal} {goal.Status} {asked.Count - asked.Distinct(StringComparer.Ordinal).Count()}");
            }

            if (page.Count < 1000) break;
            before = page[^1].Goal;
        }

        break;
    default:
        throw new InvalidOperationException($"There is no mode {options.Mode}.");
}

Say("done");

async Task<GoalId> Submit(int mail, ApprovalMode approvals)
{
    var file = options.Mails[mail];
    var bytes = await File.ReadAllBytesAsync(file);
    var inputs = await host.Inputs.Read([new AttachedFile(Path.GetFileName(file), bytes)], _ => { }, CancellationToken.None);
    var goal = await host.Mesh.Submit(new GoalSpec
    {
        Text = "Answer this customer, open a ticket", Inputs = inputs, Playbook = "support", Constraints = new GoalConstraints { Approvals = approvals },
    });
    Say($"accepted {goal}");
    return goal;
}

static void Say(string line)
{
    Console.WriteLine(line);
    Console.Out.Flush();
}
