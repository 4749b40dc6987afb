using AgentMesh.Agents;
using AgentMesh.Contracts;
using Microsoft.Extensions.AI;

namespace AgentMesh.Simulation;

/// <summary>An agent that follows a script drawn from the seed and the step's name: deterministic but for what models, tools and people say.</summary>
internal sealed class SimAgent(SimWorld world, SimHost life) : IAgent
{
    private enum Act { Model, Tool, ToolOfModel, Ask, Spawn, Fail, Hang }

    public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
    {
        world.Checks.OnAttempt(work.Step.Id, work.Attempt);
        life.Enter(work.Step.Id, work.Attempt);
        try
        {
            return await Follow(work, calls, ct);
        }
        finally
        {
            if (life.IsAlive) life.Leave(work.Step.Id, work.Attempt);
        }
    }

    private async Task<StepOutcome> Follow(StepWork work, IAgentCalls calls, CancellationToken ct)
    {
        var script = SimRandom.For(world.Seed, work.Step.Id.Value);
        var heard = "";
        var questions = 0;
        var length = 1 + script.Next(4);
        for (var i = 0; i < length; i++)
        {
            var act = script.Pick(Act.Model, Act.Model, Act.Tool, Act.Tool, Act.Tool, Act.ToolOfModel, Act.Ask, Act.Spawn, Act.Fail, Act.Hang);
            var (a, b) = (script.Next(100), script.Next(100));
            switch (act)
            {
                case Act.Model:
                    var asked = $"{work.Step.Id}|{work.Attempt}|{i}|{heard}|{string.Join(",", work.Answers.Select(x => x.Answer))}";
                    heard = (await calls.Ask(ModelNeed.Small, [new ChatMessage(ChatRole.User, asked)], null, ct)).Text;
                    break;
                case Act.Tool or Act.ToolOfModel:
                    var arguments = SimJson.Arguments($"{work.Step.Id}-{i % 2}", Mutants.Ask(world, work.Step.Id, act == Act.ToolOfModel ? heard : "same"));
                    var answer = await calls.Call(a < 4 ? "gone" : SimCatalogue.Tools[a % SimCatalogue.Tools.Length].Name, arguments, ct);
                    if (b < 40) answer.Require();
                    break;
                case Act.Ask when a < 60:
                    if (work.Answers.Count <= questions++) return new StepOutcome.Ask($"What of {i}?", b < 50 ? ["yes", "no"] : []);
                    break;
                case Act.Spawn when a < 60:
                    if (work.Children.Count == 0) return Spawn(work, 1 + b % 2, i);
                    break;
                case Act.Fail when work.Attempt <= a % 3:
                    return b switch
                    {
                        < 30 => new StepOutcome.Failed(FailureKind.Transient, "It may pass."),
                        < 50 => new StepOutcome.Failed(FailureKind.Permanent, "It will not pass."),
                        < 70 => throw new AgentFailedException(FailureKind.Transient, "It may pass."),
                        < 85 => throw new OperationCanceledException("Nobody asked for this."),
                        _ => throw new InvalidOperationException("The agent has a bug."),
                    };
                case Act.Hang when work.Attempt <= a % 2:
                    await (b < 50 ? SimWorld.Never.WaitAsync(ct) : SimWorld.Never);
                    break;
                default:
                    await world.Wait(life, TimeSpan.FromSeconds(3));
                    break;
            }
        }

        return new StepOutcome.Completed(
            SimJson.Result(script.Pick("a", "b"), work.Attempt), 1, "rules", Rationale.Because("The script is done."));
    }

    private static StepOutcome.Spawn Spawn(StepWork work, int count, int at)
    {
        var steps = new PlanStep[count];
        for (var i = 0; i < count; i++)
        {
            steps[i] = new PlanStep
            {
                Id = new($"{work.Step.Id}h{at}{i}"), Role = "worker", Instruction = "help", Produces = "note",
                Inputs = i > 0 ? [steps[i - 1].Id.Artifact] : [], Retry = new RetryPolicy(1 + at % 2, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)),
            };
        }

        return new StepOutcome.Spawn(steps, Rationale.Because("Many hands."));
    }
}
