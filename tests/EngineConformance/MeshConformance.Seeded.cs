using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>The same goals, the same journals: against the single-process engine on another schedule.</summary>
public abstract partial class MeshConformance
{
    /// <summary>Goals for each seed; an engine that is slow to start may ask for fewer.</summary>
    protected virtual int GoalsPerSeed => 100;

    [Theory(Timeout = Limit)]
    [InlineData(1)]
    [InlineData(20261121)]
    [InlineData(77)]
    public async Task The_same_seeded_goals_end_with_the_same_journals(int seed)
    {
        var goals = SeededGoals.Make(seed, GoalsPerSeed);
        await Begin();
        var journals = await SeededPeople.Play(Mesh, goals, Ct);

        using var other = new World();
        await using var reference = await LocalUnderTest.Start(new MeshSetup(other.Address, MaxRunning: 1));
        var expected = await SeededPeople.Play(reference.Mesh, goals, Ct);
        for (var i = 0; i < goals.Count; i++)
        {
            Assert.Equal(JournalText.Normalise(expected[i]), JournalText.Normalise(journals[i]));
            Assert.Equal(Counted(other, expected[i]), Counted(world, journals[i]));
        }

        Assert.Equal([GoalStatus.Completed, GoalStatus.Failed], journals.Select(j => ((GoalEnded)j[^1].Event).Status).Distinct().Order());
        var happened = journals.SelectMany(j => j).Select(e => e.Event.GetType()).ToHashSet();
        Type[] varied = [typeof(StepSkipped), typeof(RetryScheduled), typeof(StepsSpawned), typeof(ApprovalDecided), typeof(QuestionAnswered), typeof(ReplanRequested), typeof(ToolClaimed)];
        Assert.Superset(varied.ToHashSet(), happened);
    }

    private static IEnumerable<(string, string, int)> Counted(World world, IReadOnlyList<JournalEntry> journal)
    {
        var goal = ((GoalSubmitted)journal[0].Event).Goal.Value;
        return world.Effects(goal).Select(e => (e.Key[goal.Length..], e.Text, e.Times));
    }
}
