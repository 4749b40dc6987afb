using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Simulation;

/// <summary>Proposes random DAGs, keeps what it likes of the plan before, and is wrong, slow or broken now and then.</summary>
internal sealed class SimPlanner(SimWorld world, SimHost life) : IPlanner
{
    public async Task<PlanMade> Plan(PlanRequest request, GoalBudget budget, CancellationToken ct)
    {
        world.Note($"host {life.Number} plans version {request.Version}");
        var fate = world.Fault(world.Profile.BadPlanner) ? world.Random.Next(5) : -1;
        var usage = default(Usage);
        if (world.Random.Chance(0.3))
        {
            using var reservation = budget.Reserve(new Usage(1, 20, 20, 0, 0m, 0));
            await world.Wait(life, TimeSpan.FromSeconds(2));
            if (!life.IsAlive) await SimWorld.Never;
            usage = new Usage(1, 15, 10, 0, 0m, 1);
            reservation.Settle(usage);
        }

        await world.Wait(life, TimeSpan.FromSeconds(fate is 0 ? 30 : 1));
        if (!life.IsAlive) await SimWorld.Never;
        return fate switch
        {
            1 => new PlanMade(null, ["Nothing fits."], usage),
            2 => new PlanMade(Broken(request), [], usage),
            3 => throw new InvalidOperationException("The planner has a bug."),
            4 => throw new TaskCanceledException("The client's own time is up."),
            _ => new PlanMade(Random(request), [], usage),
        };
    }

    private Plan Random(PlanRequest request)
    {
        var random = world.Random;
        var done = request.Done.Select(a => a.Id).ToHashSet();
        var steps = new List<PlanStep>();
        foreach (var old in request.Previous?.Steps ?? [])
        {
            var isSpent = request.Failed.Contains(old.Id) || request.Skipped.Contains(old.Id);
            var isKept = done.Contains(old.Id.Artifact) || (request.Errors.Count == 0 && random.Chance(0.7));
            if (!isSpent && isKept && old.Inputs.All(i => Known(i)) && (old.When is null || Known(Root(old.When)))) steps.Add(old);
        }

        var many = Math.Max(steps.Count == 0 ? 1 : 0, random.Next(world.Profile.MaxPlanSteps) + 1);
        for (var i = 0; i < many; i++)
        {
            var inputs = steps.Where(_ => random.Chance(0.5)).Select(s => s.Id.Artifact).ToList();
            if (random.Chance(0.3)) inputs.Add(new("in-1"));
            steps.Add(new PlanStep
            {
                Id = new($"s{request.Version}{(char)('a' + request.Errors.Count)}{i}"), Role = random.Chance(0.03) ? "nobody" : "worker", Instruction = "work", Produces = "note", Inputs = inputs,
                When = inputs.Count > 0 && random.Chance(0.2) ? $"{random.Pick(inputs.ToArray())}.label == 'a'" : null,
                Retry = new RetryPolicy(1 + random.Next(3), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)),
                Timeout = random.Chance(0.3) ? TimeSpan.FromSeconds(30) : null,
                Optional = random.Chance(0.2),
            });
        }

        return new Plan
        {
            Version = request.Version, Steps = steps, Deliver = [steps[^1].Id.Artifact], Proposer = "sim", Why = Rationale.Because("It is drawn from the seed."),
        };

        bool Known(ArtifactId id) => id.Value == "in-1" || done.Contains(id) || steps.Exists(s => s.Id.Artifact == id);
    }

    private static ArtifactId Root(string when) => new(when[..when.IndexOf('.', StringComparison.Ordinal)]);

    private Plan Broken(PlanRequest request)
    {
        var plan = Random(request);
        return plan with { Steps = [.. plan.Steps, plan.Steps[^1] with { Inputs = [new("nowhere")] }] };
    }
}
