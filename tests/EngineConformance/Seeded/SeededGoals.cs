using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>
/// Varied goals from a seed: the same number and seed make the same goal everywhere. Each has 2 to 8 planned steps. Wide ones run steps side by
/// side, with conditions, retries, optional failures, consent, questions and helpers. Chained ones fail for good, are planned anew, or meet their
/// budget: what ends a step early is timing's choice when others run beside it, so that is kept to goals where none does.
/// </summary>
public static class SeededGoals
{
    private const int Longest = 8;

    public static IReadOnlyList<GoalSpec> Make(int seed, int count) => [.. Enumerable.Range(0, count).Select(n => Make(seed, n, n % 5 < 3))];

    private static GoalSpec Make(int seed, int number, bool isWide)
    {
        var random = new Random(seed * 7919 + number);
        var spec = isWide ? Wide(random) : Chain(random);
        return spec with { Text = random.Next(4) == 0 ? ScriptPlanner.Slowly : $"Goal {number} of seed {seed}.", Tenant = $"tenant-{number % 3}" };
    }

    private static GoalSpec Wide(Random random)
    {
        var steps = new List<PlanStep> { Step(random, "s1", "say first; label red") };
        var count = random.Next(2, Longest + 1);
        for (var i = 2; i <= count; i++)
        {
            var inputs = steps.Where(_ => random.Next(3) == 0).Select(s => s.Id.Value).ToList();
            var step = Step(random, $"s{i}", $"{Acts(random, 1 + random.Next(3), 2)}; label {Pick(random, "red", "blue")}", inputs);
            if (inputs.Count > 0 && random.Next(3) == 0) step = step with { When = $"{inputs[random.Next(inputs.Count)]}.label == '{Pick(random, "red", "blue")}'" };
            else if (random.Next(6) == 0) step = step with { Optional = true, Instruction = $"{step.Instruction}; fail 9 {Pick(random, "Transient", "Permanent")}" };
            steps.Add(step);
        }

        return Script.Goal(Script.Plan(steps) with { Deliver = [steps[0].Id.Artifact] });
    }

    private static GoalSpec Chain(Random random)
    {
        var count = random.Next(2, Longest + 1);
        var steps = Chained(random, "s", count, []);
        var fails = random.Next(count);
        switch (random.Next(4))
        {
            case 0:
                return Script.Goal(steps).With(c => c with { Budget = new Budget { ToolCalls = random.Next(1, 4) } });
            case 1:
                steps[fails] = steps[fails] with { Instruction = $"{steps[fails].Instruction}; break" };
                return Script.Goal(steps);
            case 2:
                steps[fails] = steps[fails] with { Instruction = $"{steps[fails].Instruction}; fail 9 {Pick(random, "Permanent", "Transient")}" };
                return Script.Goal(Script.Plan(steps), Script.Plan(Chained(random, "t", random.Next(1, 4), steps[..fails])));
            default:
                return Script.Goal(steps);
        }
    }

    private static List<PlanStep> Chained(Random random, string prefix, int count, IReadOnlyList<PlanStep> before)
    {
        List<PlanStep> steps = [.. before];
        for (var i = 1; i <= count; i++)
            steps.Add(Step(random, $"{prefix}{i}", $"join; {Acts(random, 1 + random.Next(2), 1)}", steps.Count == 0 ? [] : [steps[^1].Id.Value]));
        return steps;
    }

    private static PlanStep Step(Random random, string id, string acts, params IReadOnlyList<string> inputs) =>
        Script.Step(id, acts, inputs) with { Role = Pick(random, [.. ConformanceParts.Roles]) };

    // A step spawns at most once, so helpers come last. Helpers run side by side: a chain has no more than one.
    private static string Acts(Random random, int count, int mostHelpers)
    {
        var acts = Enumerable.Range(1, count).Select(i => Act(random, i)).ToList();
        if (random.Next(5) == 0) acts.Add($"spawn {random.Next(1, mostHelpers + 1)} {Act(random, 1)} | {(random.Next(3) == 0 ? "spawn 1 say deep ^ use put deep" : Act(random, 2))}");
        return string.Join("; ", acts);
    }

    private static string Act(Random random, int n) => random.Next(9) switch
    {
        0 => $"use look l{n}",
        1 => $"use put p{n}",
        2 => $"use send s{n}",
        3 => $"use mail m{n}",
        4 => $"must post o{n}",
        5 => $"ask colour{n} red blue",
        6 => $"fail {random.Next(1, 3)} Transient",
        7 => $"calls {random.Next(1, 3)}",
        _ => $"say word{n}",
    };

    private static string Pick(Random random, params IReadOnlyList<string> from) => from[random.Next(from.Count)];
}

/// <summary>Plays goals to their ends: submits them all at once and decides for the people, the same way every time.</summary>
public static class SeededPeople
{
    /// <returns>The journals, in the order of the goals.</returns>
    public static async Task<IReadOnlyList<IReadOnlyList<JournalEntry>>> Play(IMesh mesh, IReadOnlyList<GoalSpec> goals, CancellationToken ct) =>
        await Task.WhenAll(goals.Select(async spec => await Play(mesh, spec, ct)));

    private static async Task<IReadOnlyList<JournalEntry>> Play(IMesh mesh, GoalSpec spec, CancellationToken ct)
    {
        var goal = await mesh.Submit(spec, ct: ct);
        while (await mesh.Wait(goal, ct) is { Status: GoalStatus.Waiting } view)
        {
            foreach (var asked in view.OpenApprovals) await mesh.Decide(goal, Decision(asked), ct);
            foreach (var asked in view.OpenQuestions) await mesh.Answer(goal, new QuestionAnswered(asked.Request, "ann", asked.Choices[asked.Request.Value.Length % asked.Choices.Count]), ct);
        }

        return await mesh.Events(goal, ct: ct).ToListAsync(ct);
    }

    private static ApprovalDecided Decision(ApprovalRequested asked)
    {
        var request = asked.Request;
        return (request.Value.Sum(c => c) % 4) switch
        {
            0 => new(request, ApprovalVerdict.Rejected, "ann", "too soon"),
            1 => new(request, ApprovalVerdict.Edited, "ann", null, MeshJson.Parse("""{"text":"in better words"}""")),
            _ => new(request, ApprovalVerdict.Approved, "ann"),
        };
    }
}
