using System.CommandLine;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh goal fork GOAL --from STEP</c>: a new goal that goes on from a step of another one.</summary>
internal static class ForkCommand
{
    public static Command Build(Terminal terminal)
    {
        var goal = CommonOptions.Goal();
        var from = new Option<string>("--from") { Description = "The step that is done anew, with all that depend on it.", Required = true };
        var instruction = new Option<string?>("--instruction") { Description = "What that step is told instead." };
        var by = CommonOptions.By(terminal.Environment);
        var noWait = new Option<bool>("--no-wait") { Description = "Return at once instead of following the new goal." };
        var output = CommonOptions.Output();
        var command = new Command("fork", "Begin a new goal at a step of this one: what was done before is kept and not done again.") { goal, from, instruction, by, noWait, output }
            .WithExamples("agentmesh goal fork last --from write", "agentmesh goal fork last --from write --instruction \"Answer in French.\"");
        command.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenOrAttach, ct);
            var source = await CommonOptions.Find(host.Mesh, parsed.GetValue(goal)!, ct);
            var made = await host.Mesh.Fork(source, new ForkRequest(new StepId(parsed.GetValue(from)!), parsed.GetValue(by)!, parsed.GetValue(instruction)), ct: ct);
            var json = parsed.IsJson(output);
            if (!parsed.GetValue(noWait)) return await GoalFollower.Follow(host.Mesh, made, terminal, json, ct);
            terminal.Out.WriteLine(json ? ResultDocument.Json(await host.Mesh.Get(made, ct)) : $"Goal {made} goes on from step {parsed.GetValue(from)} of {source}.");
            return ExitCodes.Done;
        });
        return command;
    }
}
