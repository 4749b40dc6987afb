using System.CommandLine;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh run</c>: submits a goal and stays with it until it ends or waits for a person.</summary>
internal static class RunCommand
{
    public static Command Build(Terminal terminal)
    {
        var text = new Argument<string>("goal") { Description = "What is wanted, in plain words." };
        var attach = Many("--attach", "A file that the goal is about: email (.eml), table (.csv, .tsv) or text. May be given several times.");
        var knowledge = Many("--knowledge", "A folder of Markdown or text files to search. Added to the knowledge base under the folder's name.");
        var data = Many("--data", "A CSV file with figures. The same as --attach, for tables only.");
        var want = Many("--want", "An artifact kind that the result must hold: reply, ticket, brief, … May be given several times.");
        var playbook = new Option<string?>("--playbook") { Description = "Follow this playbook instead of planning." };
        var approve = new Option<string>("--approve")
        {
            Description = "What to do when a tool call needs consent: ask a person, auto (you consent in advance) or never.",
            DefaultValueFactory = _ => "ask",
        }.AcceptOnlyFromAmong("ask", "auto", "never");
        var calls = new Option<int?>("--budget-calls") { Description = "Most model calls. Default: no limit." };
        var tokens = new Option<long?>("--budget-tokens") { Description = "Most tokens, prompt and answer together. Default: no limit." };
        var timeout = new Option<string?>("--timeout") { Description = "Longest time until the goal's end, waiting included: 90s, 5m, 2h. Default: none." };
        var model = CommonOptions.Model();
        var output = CommonOptions.Output();

        var command = new Command("run", "Submit a goal and follow it until it ends or waits for a person.")
        {
            text, attach, knowledge, data, want, playbook, approve, calls, tokens, timeout, model, output,
        }.WithExamples(
            "agentmesh run \"Answer this customer and open a ticket\" --attach mail.eml --knowledge docs/support",
            "agentmesh run \"Write the earnings brief\" --data income.csv --data shares.csv --want brief -o json",
            "agentmesh run \"Answer this customer\" --attach mail.eml --model Qwen/Qwen2.5-0.5B-Instruct-GGUF:q8_0");

        command.SetAction(async (parsed, ct) =>
        {
            var limit = parsed.GetValue(timeout) is { } given
                ? CommonOptions.Duration(given) ?? throw new CliException($"--timeout {given} is no time span. Write 90s, 5m or 2h.")
                : (TimeSpan?)null;
            if (parsed.GetValue(calls) < 0) throw new CliException($"--budget-calls {parsed.GetValue(calls)} is no budget; give a number of calls from 0.");
            if (parsed.GetValue(tokens) < 0) throw new CliException($"--budget-tokens {parsed.GetValue(tokens)} is no budget; give a number of tokens from 0.");
            var submission = new Submission
            {
                Text = parsed.GetValue(text)!,
                Attachments = parsed.GetValue(attach)!,
                Tables = parsed.GetValue(data)!,
                Knowledge = parsed.GetValue(knowledge)!,
                Wants = parsed.GetValue(want)!,
                Playbook = parsed.GetValue(playbook),
                Constraints = new GoalConstraints
                {
                    Approvals = Enum.Parse<ApprovalMode>(parsed.GetValue(approve)!, ignoreCase: true),
                    Budget = new Budget { ModelCalls = parsed.GetValue(calls), Tokens = parsed.GetValue(tokens) },
                    Timeout = limit,
                },
            };
            var files = submission.ReadFiles(); // Before anything starts: a wrong path should not cost a second.
            await using var host = await MeshAccess.Open(parsed, parsed.With(model, terminal), static (t, c) => MeshHost.Open(t, c), ct);
            var goal = await submission.Submit(host, files, terminal, ct);
            return await GoalFollower.Follow(host.Mesh, goal, terminal, parsed.IsJson(output), ct);
        });
        return command;
    }

    private static Option<string[]> Many(string name, string description) => new(name) { Description = description, DefaultValueFactory = _ => [], Arity = ArgumentArity.OneOrMore };
}
