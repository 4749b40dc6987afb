using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.Tests.Decoding;

/// <summary>Where there are too few cells, places or tokens for all: who yields, and what it costs.</summary>
public sealed class DecodePressureTests
{
    [Fact]
    public void Without_room_the_crowd_yields_and_not_the_one_beside_it()
    {
        var bench = new Bench(new CellDecoder(150), new DecodeOptions { AnswerRoom = 1 });
        var crowd = Enumerable.Range(0, 4).Select(i => bench.Ask(Bench.Words(i, 10), 60, new Script(), tenant: "greedy")).ToList();
        bench.Engine.Step();
        var few = bench.Ask(Bench.Words(50, 10), 40, new Script(), tenant: "modest");
        Assert.Equal(40, bench.StepsUntilEnd(few));
        Assert.True(bench.Engine.Stats.PutBack > 0);
        // The oldest goes on, whoever's it is.
        Assert.Equal(60 - 41, bench.StepsUntilEnd(crowd[0]));
        bench.Run();
        Assert.All(crowd, c => Assert.Equal(60, Bench.Outcome(c).Generated));
    }

    [Fact]
    public void Of_a_prompt_no_more_is_reused_than_it_has()
    {
        var bench = new Bench(new CellDecoder(1000, batch: 16));
        var all = Enumerable.Range(0, 2).Select(_ => bench.Ask(Bench.Words(1, 40), 30, new Script { Follow = [.. Enumerable.Range(5, 20)] })).ToList();
        bench.Run();
        Assert.Equal((0, 40), (Bench.Outcome(all[0]).Reused, Bench.Outcome(all[1]).Reused));
    }

    [Fact]
    public void A_crowds_long_prompt_does_not_stop_its_answers()
    {
        var bench = new Bench(new CellDecoder(9000, linear: true, batch: 512), new DecodeOptions { Running = 16 });
        var answers = Enumerable.Range(0, 4).Select(i => bench.Ask(Bench.Words(i, 5), 600, new Script(), tenant: "greedy")).ToList();
        bench.Engine.Step();
        var prompt = bench.Ask(Bench.Words(60, 3000), 1, tenant: "greedy");
        bench.Ask(Bench.Words(70, 5), 2000, new Script(), tenant: "modest");
        var (still, longest, told) = (0, 0, 0);
        for (var step = 0; step < 1500; step++)
        {
            // Prompts of the other let the crowd earn more than its answers use.
            if (step % 50 == 0) bench.Ask(Bench.Words(100 + step, 20), 1, new Script(), tenant: "modest");
            bench.Engine.Step();
            var now = answers.Sum(a => Bench.Tokens(a).Count);
            (told, still) = (told + now, now > 0 ? 0 : still + 1);
            longest = Math.Max(longest, still);
        }

        Assert.False(prompt.Outcome.IsCompleted);
        Assert.InRange(longest, 1, 32 * 4);
        Assert.InRange(told, 400, 1500);
    }

    [Fact]
    public void A_beginning_that_another_tenant_waits_for_is_no_debt_of_the_crowds()
    {
        var bench = new Bench(new CellDecoder(9000, linear: true, batch: 64), new DecodeOptions { Running = 8 });
        int[] role = Bench.Words(99, 1000);
        var crowd = Enumerable.Range(0, 4).Select(i => bench.Ask(Bench.Words(i, 5), 600, new Script(), tenant: "greedy")).ToList();
        bench.Ask([.. role, 1], 1, tenant: "greedy");
        bench.Engine.Step();
        var few = bench.Ask([.. role, 2], 400, new Script(), tenant: "modest");
        bench.Ask(Bench.Words(51, 5), 400, new Script(), tenant: "other");
        for (var step = 0; step < 150; step++) bench.Engine.Step();
        // The beginning is there after some twenty steps; from then on, too, the crowd gets half a token for each of another's.
        Assert.InRange(Bench.Tokens(few).Count, 125, 140);
        Assert.InRange(crowd.Sum(c => Bench.Tokens(c).Count), 60, 85);
    }

    [Fact]
    public void With_cells_of_their_own_a_crowd_makes_way_for_the_others_side_by_side()
    {
        var bench = new Bench(new CellDecoder(16 * 64, separate: true, linear: true), new DecodeOptions { Running = 16 });
        for (var i = 0; i < 250; i++) bench.Ask(Bench.Words(i, 5), 4 + (i % 7), new Script(), tenant: "greedy");
        bench.Engine.Step();
        for (var round = 0; round < 20; round++)
        {
            // The crowd takes places that the two had, and leaves them others.
            for (var i = 0; i < 5; i++) bench.Engine.Step();
            var (one, two) = (Few(round, "modest"), Few(round, "other"));
            bench.Decoder.Plans.Clear();
            bench.StepsUntilEnd(one);
            bench.StepsUntilEnd(two);
        }

        Assert.True(bench.Engine.Stats.Queued > 0);
        // The last two, while the crowd stands still.
        Assert.Contains(bench.Decoder.Plans, p => p.Count == 2);
        Assert.All(bench.Decoder.Plans.Where(p => p.Count == 2), p => Assert.Equal([0, 1], p.Keys.Order()));

        Generation Few(int round, string tenant) => bench.Ask(Bench.Words(100 + round, 5), 12, new Script(), tenant: tenant);
    }

    [Fact]
    public void With_cells_of_their_own_a_crowd_goes_on_in_rows()
    {
        var bench = new Bench(new CellDecoder(8 * 256, sequences: 8, separate: true, linear: true), new DecodeOptions { Running = 8 });
        var crowd = Enumerable.Range(0, 7).Select(i => bench.Ask(Bench.Words(i, 5), 200, new Script(), tenant: "greedy")).ToList();
        bench.Engine.Step();
        var few = bench.Ask(Bench.Words(50, 5), 200, new Script(), tenant: "modest");
        bench.Engine.Step();
        Assert.All(crowd, c => Assert.Single(Bench.Tokens(c)));
        bench.Decoder.Plans.Clear();
        Assert.Equal(199, bench.StepsUntilEnd(few));
        // Alone, or with five neighbours of the crowd: one of them would take as long as three.
        Assert.All(bench.Decoder.Plans.Where(p => p.Count > 1), p => Assert.Equal([0, 1, 2, 3, 4, 7], p.Keys.Order()));
        // Two sevenths of what it gets, as ever.
        Assert.InRange(crowd.Sum(c => Bench.Tokens(c).Count), 52, 58);
    }

    [Fact]
    public void Who_gave_up_is_not_put_back()
    {
        var queue = new DecodeQueue(new DecodeOptions(), TimeProvider.System);
        var generation = new Generation(new GenerationRequest([1], 5, new Greedy()));
        var (request, _) = queue.Add(generation);
        Assert.True(queue.Take(request, 8));
        Assert.True(queue.PutBack(request));
        Assert.True(queue.Take(request, 8));
        generation.Cancel();
        Assert.False(queue.PutBack(request));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Roles_with_cells_of_their_own_that_are_asked_no_more_make_room_for_those_that_are()
    {
        // Two of four may be kept for roles.
        var bench = new Bench(new CellDecoder(4 * 200, sequences: 4, separate: true));
        foreach (var role in new[] { 1, 1, 2, 2, 3, 3 })
        {
            bench.Ask(Bench.Words(role, 60), 1, pinned: 60);
            bench.Run();
        }

        for (var i = 4; i < 12; i++)
        {
            bench.Ask(Bench.Words(i, 60), 1);
            bench.Run();
        }

        Assert.Equal((0, 59), (bench.Reused(Bench.Words(1, 60)), bench.Reused(Bench.Words(3, 60))));
    }
}
