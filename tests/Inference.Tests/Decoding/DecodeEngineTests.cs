using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.Tests.Decoding;

public sealed class DecodeEngineTests
{
    private static int[] Words(int seed, int count) => Bench.Words(seed, count);

    [Fact]
    public void A_beginning_that_many_share_is_computed_once()
    {
        var bench = new Bench(new CellDecoder(4000, batch: 256));
        var role = Words(1, 300);
        var all = Enumerable.Range(2, 8).Select(i => bench.Ask([.. role, .. Words(i, 10)], 4)).ToList();
        bench.Run();
        Assert.InRange(bench.Decoder.Computed, 300 + 8 * 10, 300 + 8 * (10 + 4));
        Assert.Equal(300, Bench.Outcome(all[7]).Reused);
    }

    [Fact]
    public void A_conversation_goes_on_from_its_own_answer()
    {
        var bench = new Bench(new CellDecoder(1000));
        var first = bench.Ask(Words(1, 50), 20);
        bench.Run();
        var said = Bench.Tokens(first);
        var second = bench.Ask([.. first.Request.Prompt, .. said, 7, 8], 1);
        bench.Run();
        Assert.InRange(Bench.Outcome(second).Reused, 50 + said.Count - 1, 50 + said.Count);
    }

    [Fact]
    public void What_was_of_use_longest_ago_goes_first_and_what_roles_share_stays()
    {
        var bench = new Bench(new CellDecoder(300));
        for (var i = 0; i < 2; i++)
        {
            bench.Ask(Words(1, 60), 1, pinned: 60);
            bench.Run();
        }

        // Nobody else uses this one's beginning.
        bench.Ask(Words(2, 60), 1, pinned: 60);
        bench.Run();
        for (var i = 3; i < 12; i++)
        {
            bench.Ask(Words(i, 60), 1);
            bench.Run();
        }

        Assert.Equal((59, 0, 59), (bench.Reused(Words(1, 60)), bench.Reused(Words(2, 60)), bench.Reused(Words(11, 60))));
    }

    [Fact]
    public void Roles_that_are_asked_no_more_make_room_for_those_that_are()
    {
        var bench = new Bench(new CellDecoder(300));
        // Each takes a third of the cells; half of them is kept for roles.
        foreach (var role in new[] { 1, 1, 2, 2 })
        {
            bench.Ask(Words(role, 100), 1, pinned: 100);
            bench.Run();
        }

        for (var i = 3; i < 12; i++)
        {
            bench.Ask(Words(i, 60), 1);
            bench.Run();
        }

        Assert.Equal((0, 99), (bench.Reused(Words(1, 100)), bench.Reused(Words(2, 100))));
    }

    [Fact]
    public void A_long_prompt_does_not_keep_the_others_tokens_waiting()
    {
        var bench = new Bench(new CellDecoder(4000, batch: 512), new DecodeOptions { PromptChunk = 32 });
        bench.Ask([.. Words(1, 5)], 40, new Script());
        bench.Engine.Step();
        bench.Ask(Words(2, 1000), 1);
        bench.Run();
        Assert.All(bench.Decoder.Plans.Skip(1).Take(31), p => Assert.Equal(33, p.Values.Sum()));
    }

    [Fact]
    public void Those_with_cells_of_their_own_are_computed_side_by_side_and_a_prompt_between_them_gives_a_token_too()
    {
        var bench = new Bench(new CellDecoder(8 * 600, sequences: 8, batch: 512, separate: true), new DecodeOptions { PromptChunk = 32 });
        var all = Enumerable.Range(0, 3).Select(i => bench.Ask(Words(i, 5), i == 1 ? 3 : 40, new Script())).ToList();
        while (!all[1].Outcome.IsCompleted) bench.Engine.Step();
        bench.Ask(Words(9, 500), 1);
        bench.Engine.Step();
        bench.Engine.Step();
        // The newcomer took the place between the two; what it gives is told in one row with them, then it goes on alone.
        Assert.Equal([0, 1, 2], bench.Decoder.Plans[^2].Keys);
        Assert.All(bench.Decoder.Plans[^2].Values, n => Assert.Equal(1, n));
        Assert.Equal(new Dictionary<int, int> { [1] = 32 }, bench.Decoder.Plans[^1]);
    }

    [Fact]
    public void Those_with_cells_of_their_own_get_a_shared_beginning_as_a_copy_and_a_conversation_goes_on_in_its_place()
    {
        var bench = new Bench(new CellDecoder(16 * 400, batch: 256, separate: true));
        var role = Words(1, 300);
        var all = Enumerable.Range(2, 8).Select(i => bench.Ask([.. role, .. Words(i, 10)], 4)).ToList();
        bench.Run();
        Assert.InRange(bench.Decoder.Computed, 300 + 8 * 10, 300 + 8 * (10 + 4));
        Assert.Equal(300, Bench.Outcome(all[7]).Reused);
        var said = Bench.Tokens(all[7]);
        var used = bench.Decoder.Used;
        var second = bench.Ask([.. all[7].Request.Prompt, .. said, 7, 8], 1);
        bench.Run();
        Assert.InRange(Bench.Outcome(second).Reused, 310 + said.Count - 1, 310 + said.Count);
        Assert.InRange(bench.Decoder.Used, used, used + 4);
    }

    [Fact]
    public void One_tenants_crowd_makes_place_and_then_takes_half_as_many_tokens_as_anothers_few()
    {
        var bench = new Bench(new CellDecoder(4000, linear: true), new DecodeOptions { Running = 8 });
        var crowd = Enumerable.Range(0, 20).Select(i => bench.Ask(Words(i, 5), 30, new Script(), tenant: "greedy")).ToList();
        for (var i = 0; i < 4; i++) bench.Engine.Step();
        Assert.Equal(8, bench.Decoder.Plans[^1].Count);
        var few = bench.Ask(Words(50, 25), 30, new Script(), tenant: "modest");
        bench.Engine.Step();
        Assert.True(few.Tokens.TryPeek(out _));
        Assert.Equal((8, 1), (bench.Engine.Stats.Running, bench.Engine.Stats.PutBack));
        var before = bench.Decoder.Plans.Count;
        while (!few.Outcome.IsCompleted) bench.Engine.Step();
        Assert.InRange(bench.Decoder.Plans.Skip(before).Sum(p => p.Values.Sum()) - 29, 15 - 5, ((25 + 30) / 2) + 8);

        bench.Run();
        Assert.All(crowd, c => Assert.Equal(GenerationEnd.Length, Bench.Outcome(c).End));
    }

    [Fact]
    public void A_crowd_that_has_had_less_than_the_others_does_not_stand_in_their_way()
    {
        var bench = new Bench(new CellDecoder(4000, linear: true), new DecodeOptions { Running = 8 });
        for (var i = 0; i < 20; i++) bench.Ask(Words(i, 5), 200, new Script(), tenant: "greedy");
        bench.Engine.Step();
        // By now the other has been served far more than any of the crowd's requests that run.
        for (var i = 0; i < 5; i++)
        {
            var few = bench.Ask(Words(50 + i, 100), 100, new Script(), tenant: "modest");
            var steps = 0;
            for (; !few.Outcome.IsCompleted; steps++) bench.Engine.Step();
            Assert.InRange(steps, 100, 101);
        }
    }

    [Fact]
    public void A_request_does_not_wait_for_the_turn_of_a_crowd_that_computes_its_beginning()
    {
        var bench = new Bench(new CellDecoder(9000, linear: true, batch: 64), new DecodeOptions { Running = 8 });
        int[] role = [.. Words(99, 1000)];
        for (var i = 0; i < 6; i++) bench.Ask([.. role, .. Words(i, 5)], 30, new Script(), tenant: "greedy");
        bench.Engine.Step();
        var few = bench.Ask([.. role, .. Words(50, 5)], 10, new Script(), tenant: "modest");
        var other = bench.Ask(Words(51, 5), 10, new Script(), tenant: "other");
        var steps = 0;
        for (; !few.Outcome.IsCompleted && steps < 100; steps++) bench.Engine.Step();
        Assert.True(steps < 40, $"{steps} steps");
        Assert.True(Bench.Outcome(few).Reused >= 999);
        Assert.True(other.Outcome.IsCompleted);
        bench.Run();
    }

    [Fact]
    public void A_short_prompt_overtakes_a_long_one_and_the_long_one_goes_on()
    {
        var bench = new Bench(new CellDecoder(4000, batch: 64));
        var longer = bench.Ask(Words(1, 900), 1);
        bench.Engine.Step();
        var shorter = bench.Ask(Words(2, 30), 1);
        var steps = 0;
        while (!shorter.Outcome.IsCompleted)
        {
            bench.Engine.Step();
            steps++;
        }

        Assert.Equal(1, steps);
        Assert.InRange(bench.Decoder.Plans[^1].Values.Max(), 32, 34);
        bench.Run();
        Assert.True(longer.Outcome.IsCompleted);
    }

    [Fact]
    public void Without_room_for_all_the_last_goes_back_and_nothing_of_it_is_lost_or_told_twice()
    {
        var bench = new Bench(new CellDecoder(100), new DecodeOptions { AnswerRoom = 1 });
        List<(Generation Generation, List<int> Alone)> all = [.. Enumerable.Range(1, 30)
            .Select(i => (int[])[.. Words(i, 10)])
            .Select(p => (Prompt: p, Alone: CellDecoder.Alone(p, 60)))
            .Where(p => p.Alone.Count == 60).Take(6)
            .Select(p => (bench.Ask(p.Prompt, 60), p.Alone))];
        bench.Run();
        Assert.True(bench.Engine.Stats.PutBack > 0);
        Assert.All(all, a => Assert.Equal(a.Alone, Bench.Tokens(a.Generation)));
    }

    [Fact]
    public void A_broken_batch_fails_its_requests_and_leaves_no_cell_taken()
    {
        var bench = new Bench(new CellDecoder(1000) { FailAt = n => n == 3 });
        var all = Enumerable.Range(1, 3).Select(i => bench.Ask(Words(i, 20), 30)).ToList();
        bench.Run();
        Assert.All(all, g => Assert.Equal((GenerationEnd.Failed, "a broken kernel"), (Bench.Outcome(g).End, Bench.Outcome(g).Failure)));
        Assert.Equal(0, bench.Decoder.Used);
        Assert.NotEmpty(Bench.Tokens(bench.Ask(Words(1, 20), 30), bench));
    }

    [Fact]
    public void A_cancelled_request_is_out_before_the_next_batch()
    {
        var bench = new Bench(new CellDecoder(1000), new DecodeOptions { Reuse = false });
        var gone = bench.Ask(Words(1, 20), 500);
        bench.Engine.Step();
        gone.Cancel();
        Assert.False(bench.Engine.Step());
        Assert.Equal((GenerationEnd.Cancelled, 0), (Bench.Outcome(gone).End, bench.Decoder.Used));
    }
}
