using AgentMesh.Contracts;
using AgentMesh.EngineConformance;

namespace AgentMesh.Local.Tests;

/// <summary>The suite's own tools: a comparison that sees nothing, or a world that loses counts, would let every engine pass.</summary>
public sealed class ConformanceKitTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task A_world_reached_over_HTTP_is_the_same_world()
    {
        using var world = new World();
        await using var server = await WorldServer.Start(world);
        using var client = (WorldClient)WorldAddress.Connect(server.Address);
        var passing = client.Pass("g/gate", Ct);
        await world.Arrived("g/gate", 1, Ct);
        Assert.False(passing.IsCompleted);
        world.OpenGate("g/gate");
        await passing;

        Assert.False(await client.Happened("g/a/1", Ct));
        await client.Do("g/a/1", "send", "böse & gut", Ct);
        await client.Do("g/a/1", "send", "böse & gut", Ct);
        Assert.True(await client.Happened("g/a/1", Ct));
        Assert.Equal([new WorldEffect("g/a/1", "send", "böse & gut", 2)], world.Effects("g"));
        await client.Arrive("g/place", Ct);
        await world.Arrived("g/place", 1, Ct);

        using var stop = new CancellationTokenSource();
        var stopped = client.Pass("g/shut", stop.Token);
        await world.Arrived("g/shut", 1, Ct);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
    }

    [Fact(Timeout = 60_000)]
    public async Task Normalised_journals_differ_where_something_else_happened_and_nowhere_else()
    {
        var journal = await Journal("say a", "say b");
        Assert.Equal(JournalText.Normalise(journal), JournalText.Normalise(await Journal("say a", "say b")));
        Assert.NotEqual(JournalText.Normalise(journal), JournalText.Normalise(await Journal("say a", "say B")));

        var later = journal.Select(e => e with { At = e.At + TimeSpan.FromHours(e.Sequence) }).ToList();
        Assert.Equal(JournalText.Normalise(journal), JournalText.Normalise(later));

        // A third step that did not wait for the two before it would be another run.
        Assert.Contains("after a Completed, b Completed", JournalText.Normalise(journal), StringComparison.Ordinal);
    }

    [Fact]
    public void Seeded_goals_are_the_same_from_the_same_seed_and_others_from_another()
    {
        static string Text(int seed) => string.Join('\n', SeededGoals.Make(seed, 50).Select(g => g.Inputs[0].Value!.Value.GetRawText()));
        Assert.Equal(Text(5), Text(5));
        Assert.NotEqual(Text(5), Text(6));
        Assert.All(SeededGoals.Make(5, 200), g => Assert.InRange(g.Inputs[0].Value!.Value[0].GetProperty("steps").GetArrayLength(), 2, 8));
    }

    private static async Task<IReadOnlyList<JournalEntry>> Journal(string a, string b)
    {
        using var world = new World();
        await using var mesh = await LocalUnderTest.Start(new MeshSetup(world.Address));
        return (await SeededPeople.Play(mesh.Mesh, [Script.Goal(Script.Step("a", a), Script.Step("b", b), Script.Step("c", "join", "a", "b"))], Ct))[0];
    }
}
