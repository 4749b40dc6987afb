using System.CommandLine;
using System.Text.Json;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using Explanation = AgentMesh.Orchestration.Explanation;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh goal …</c>: looks at goals and decides what they ask.</summary>
internal static class GoalCommand
{
    public static Command Build(Terminal terminal) => new("goal", "Look at goals and decide what they ask of people.")
    {
        List(terminal), Show(terminal), Events(terminal), Explain(terminal),
        Decide(terminal, "approve", "Let the call that the goal asks about be made as it is.", ApprovalVerdict.Approved),
        Decide(terminal, "reject", "Refuse the call that the goal asks about.", ApprovalVerdict.Rejected),
        Decide(terminal, "edit", "Let the call be made with other arguments.", ApprovalVerdict.Edited),
        Answer(terminal), Tell(terminal), Cancel(terminal), ForkCommand.Build(terminal), Resume(terminal),
    };

    private static Command List(Terminal terminal)
    {
        var status = new Option<string?>("--status") { Description = "Only goals in this state." }.AcceptOnlyFromAmong(Enum.GetNames<GoalStatus>());
        var limit = new Option<int>("--limit") { Description = "Most lines.", DefaultValueFactory = _ => 20 };
        var output = CommonOptions.Output();
        var command = new Command("list", "The newest goals first.") { status, limit, output }
            .WithExamples("agentmesh goal list --status Waiting", "agentmesh goal list -o json | jq '.[0].goal'");
        command.SetAction(async (parsed, ct) =>
        {
            await using var view = await MeshAccess.Open(parsed, terminal, MeshHost.OpenForReading, ct);
            var only = parsed.GetValue(status) is { } name ? new[] { Enum.Parse<GoalStatus>(name) } : null;
            var most = parsed.GetValue(limit);
            if (most is < 1 or > 1000) throw new CliException("--limit is a number from 1 to 1000.");
            var goals = await view.Mesh.List(new GoalQuery(null, only, most), ct);
            if (parsed.IsJson(output)) terminal.Out.WriteLine(JsonSerializer.Serialize(goals, CliJson.Pretty.IReadOnlyListGoalSummary));
            else Tables.Goals(terminal, goals);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var goal = CommonOptions.Goal();
        var output = CommonOptions.Output();
        var command = new Command("show", "Everything about one goal: plan, steps, calls, artifacts, usage.") { goal, output }
            .WithExamples("agentmesh goal show last", "agentmesh goal show last -o json");
        command.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenForReading, ct);
            var view = await host.Mesh.Get(await CommonOptions.Find(host.Mesh, parsed.GetValue(goal)!, ct), ct);
            if (parsed.IsJson(output)) terminal.Out.WriteLine(ResultDocument.Json(view));
            else GoalPage.Print(terminal, view);
            PersonPrompt.Hint(terminal, view);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Events(Terminal terminal)
    {
        var goal = CommonOptions.Goal();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the goal ends." };
        var after = new Option<long>("--after") { Description = "Only entries after this sequence number." };
        var output = CommonOptions.Output();
        var command = new Command("events", "The journal of one goal, entry by entry.") { goal, follow, after, output }
            .WithExamples("agentmesh goal events last", "agentmesh goal events last -f -o json");
        command.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenForReading, ct);
            var id = await CommonOptions.Find(host.Mesh, parsed.GetValue(goal)!, ct);
            var json = parsed.IsJson(output);
            await foreach (var entry in host.Mesh.Events(id, parsed.GetValue(after), parsed.GetValue(follow), ct))
                terminal.Out.WriteLine(json ? JsonSerializer.Serialize(entry, MeshJson.Default.JournalEntry) : EventLine.Of(entry));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Explain(Terminal terminal)
    {
        var goal = CommonOptions.Goal();
        var step = new Option<string?>("--step") { Description = "Only this step." };
        var output = CommonOptions.Output();
        var command = new Command("explain", "Why the goal went as it did: each decision with reason, alternatives and evidence.") { goal, step, output }
            .WithExamples("agentmesh goal explain last", "agentmesh goal explain last --step classify");
        command.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenForReading, ct);
            var id = await CommonOptions.Find(host.Mesh, parsed.GetValue(goal)!, ct);
            var entries = new List<JournalEntry>();
            await foreach (var entry in host.Mesh.Events(id, ct: ct)) entries.Add(entry);
            var decisions = Explanation.Of(entries, parsed.GetValue(step) is { } only ? new StepId(only) : null);
            if (decisions.Count == 0) throw new CliException($"Nothing was decided about {parsed.GetValue(step) ?? "it"} yet.");
            if (parsed.IsJson(output)) terminal.Out.WriteLine(JsonSerializer.Serialize(decisions, CliJson.Pretty.IReadOnlyListDecision));
            else ExplanationPage.Print(terminal, decisions);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Decide(Terminal terminal, string name, string description, ApprovalVerdict verdict)
    {
        var goal = CommonOptions.Goal();
        var request = new Argument<string?>("request") { Description = "Which request; may be left out when there is just one.", Arity = ArgumentArity.ZeroOrOne };
        var reason = new Option<string?>("--reason") { Description = "Why, for the agent and the journal.", Required = verdict == ApprovalVerdict.Rejected };
        var arguments = new Option<string?>("--arguments") { Description = "The new arguments as JSON, or @FILE.", Required = true };
        var by = CommonOptions.By(terminal.Environment);
        var noWait = NoWait();
        var output = CommonOptions.Output();
        var command = new Command(name, description) { goal, request, reason, by, noWait, output };
        if (verdict == ApprovalVerdict.Edited) command.Add(arguments);
        command.WithExamples(verdict switch
        {
            ApprovalVerdict.Approved => "agentmesh goal approve last",
            ApprovalVerdict.Rejected => "agentmesh goal reject last --reason \"wrong customer\"",
            _ => "agentmesh goal edit last --arguments '{\"title\":\"Refund\",\"body\":\"…\"}'",
        });
        command.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenOrAttach, ct);
            var id = await CommonOptions.Find(host.Mesh, parsed.GetValue(goal)!, ct);
            var view = await host.Mesh.Get(id, ct);
            var open = parsed.GetValue(request) is { } named ? new RequestId(named) : Single(view);
            var edited = verdict == ApprovalVerdict.Edited ? JsonArgument.Parse(parsed.GetValue(arguments)!, "--arguments") : (JsonElement?)null;
            await host.Mesh.Decide(id, new ApprovalDecided(open, verdict, parsed.GetValue(by)!, parsed.GetValue(reason), edited), ct);
            return await Stay(host.Mesh, id, terminal, parsed.GetValue(noWait), parsed.IsJson(output), ct);
        });
        return command;
    }

    private static Command Answer(Terminal terminal)
    {
        var goal = CommonOptions.Goal();
        var text = new Argument<string>("answer") { Description = "The answer." };
        var request = new Option<string?>("--request") { Description = "Which question; may be left out when there is just one." };
        var by = CommonOptions.By(terminal.Environment);
        var noWait = NoWait();
        var output = CommonOptions.Output();
        var command = new Command("answer", "Answer the question that the goal asks.") { goal, text, request, by, noWait, output }
            .WithExamples("agentmesh goal answer last billing");
        command.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenOrAttach, ct);
            var id = await CommonOptions.Find(host.Mesh, parsed.GetValue(goal)!, ct);
            var view = await host.Mesh.Get(id, ct);
            var open = parsed.GetValue(request) is { } named ? new RequestId(named) : view.OpenQuestions switch
            {
                [var only] => only.Request,
                [] => throw new CliException($"Goal {id} asks no question."),
                var many => throw new CliException($"Goal {id} asks {many.Count} questions; choose with --request: {string.Join(", ", many.Select(q => q.Request.Value))}."),
            };
            await host.Mesh.Answer(id, new QuestionAnswered(open, parsed.GetValue(by)!, parsed.GetValue(text)!), ct);
            return await Stay(host.Mesh, id, terminal, parsed.GetValue(noWait), parsed.IsJson(output), ct);
        });
        return command;
    }

    private static Command Tell(Terminal terminal)
    {
        var goal = CommonOptions.Goal();
        var text = new Argument<string>("message") { Description = "What is new." };
        var by = CommonOptions.By(terminal.Environment);
        var noWait = NoWait();
        var output = CommonOptions.Output();
        var command = new Command("tell", "Tell a running goal something new; it may replan.") { goal, text, by, noWait, output }
            .WithExamples("agentmesh goal tell last \"The customer called: it is urgent\"");
        command.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenOrAttach, ct);
            var id = await CommonOptions.Find(host.Mesh, parsed.GetValue(goal)!, ct);
            await host.Mesh.Tell(id, new MessageReceived(parsed.GetValue(by)!, parsed.GetValue(text)!), ct);
            return await Stay(host.Mesh, id, terminal, parsed.GetValue(noWait), parsed.IsJson(output), ct);
        });
        return command;
    }

    private static Command Cancel(Terminal terminal)
    {
        var goal = CommonOptions.Goal();
        var reason = new Option<string>("--reason") { Description = "Why, for the journal.", DefaultValueFactory = _ => "no longer wanted" };
        var by = CommonOptions.By(terminal.Environment);
        var output = CommonOptions.Output();
        var command = new Command("cancel", "Stop a goal; running steps are told to stop.") { goal, reason, by, output }.WithExamples("agentmesh goal cancel last --reason duplicate");
        command.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenOrAttach, ct);
            var id = await CommonOptions.Find(host.Mesh, parsed.GetValue(goal)!, ct);
            await host.Mesh.Cancel(id, new CancelRequested(parsed.GetValue(by)!, parsed.GetValue(reason)!), ct);
            await foreach (var entry in host.Mesh.Events(id, follow: true, ct: ct))
                if (entry.Event is GoalEnded) break;
            return await Print(host.Mesh, id, terminal, parsed.IsJson(output), ct);
        });
        return command;
    }

    private static Command Resume(Terminal terminal)
    {
        var goal = new Argument<string?>("goal") { Description = "Follow this goal; left out, all unfinished goals run until none moves any more.", Arity = ArgumentArity.ZeroOrOne };
        var output = CommonOptions.Output();
        var command = new Command("resume", "Go on with goals that a crash or Ctrl-C interrupted.") { goal, output }.WithExamples("agentmesh goal resume");
        command.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenOrAttach, ct);
            if (parsed.GetValue(goal) is { } named)
                return await GoalFollower.Follow(host.Mesh, await CommonOptions.Find(host.Mesh, named, ct), terminal, parsed.IsJson(output), ct);
            var moving = await host.Mesh.List(new GoalQuery(null, [GoalStatus.Planning, GoalStatus.Running], 1000), ct);
            foreach (var summary in moving)
            {
                var view = await host.Mesh.Wait(summary.Goal, ct);
                if (!parsed.IsJson(output)) terminal.Out.WriteLine($"{view.Goal}  {view.Status}  {EventLine.One(view.Reason, 400)}");
                PersonPrompt.Hint(terminal, view);
            }

            if (parsed.IsJson(output))
            {
                var moved = moving.Select(m => m.Goal).ToHashSet();
                IReadOnlyList<GoalSummary> now = [.. (await host.Mesh.List(new GoalQuery(Limit: 1000), ct)).Where(g => moved.Contains(g.Goal))];
                terminal.Out.WriteLine(JsonSerializer.Serialize(now, CliJson.Pretty.IReadOnlyListGoalSummary));
            }
            else if (moving.Count == 0)
            {
                terminal.Out.WriteLine("No goal was left unfinished.");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Option<bool> NoWait() => new("--no-wait") { Description = "Return at once instead of following the goal." };

    private static RequestId Single(GoalView view) => view.OpenApprovals switch
    {
        [var only] => only.Request,
        [] => throw new CliException($"Goal {view.Goal} asks for no approval (it is {view.Status})."),
        var many => throw new CliException($"Goal {view.Goal} asks for {many.Count} approvals; name one: {string.Join(", ", many.Select(a => a.Request.Value))}."),
    };

    private static async Task<int> Stay(IMesh mesh, GoalId goal, Terminal terminal, bool noWait, bool json, CancellationToken ct) =>
        noWait ? await Print(mesh, goal, terminal, json, ct) : await GoalFollower.Follow(mesh, goal, terminal, json, ct);

    private static async Task<int> Print(IMesh mesh, GoalId goal, Terminal terminal, bool json, CancellationToken ct)
    {
        var view = await mesh.Get(goal, ct);
        if (json) terminal.Out.WriteLine(ResultDocument.Json(view));
        else terminal.Out.WriteLine($"Goal {goal} is {view.Status}: {EventLine.One(view.Reason, 400)}");
        return ExitCodes.Done;
    }
}
