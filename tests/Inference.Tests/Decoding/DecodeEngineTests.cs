using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.Tests.Decoding;

public sealed class DecodeEngineTests
{
    private static int[] Words(int seed, int count) => [.. Enumerable.Range(0, count).Select(i => 1 + (seed * 31 + i * 7) % 90)];

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
    public void One_tenants_crowd_takes_no_more_of_a_step_than_anothers_few_and_leaves_room_to_join()
    {
        var bench = new Bench(new CellDecoder(4000, linear: true), new DecodeOptions { Running = 8 });
        var crowd = Enumerable.Range(0, 20).Select(i => bench.Ask(Words(i, 5), 30, new Script(), tenant: "greedy")).ToList();
        for (var i = 0; i < 4; i++) bench.Engine.Step();
        Assert.Equal(8, bench.Decoder.Plans[^1].Count);
        var few = bench.Ask(Words(50, 5), 10, new Script(), tenant: "modest");
        while (!few.Tokens.TryPeek(out _)) bench.Engine.Step();
        Assert.Equal(8, bench.Engine.Stats.Running);
        while (!few.Outcome.IsCompleted)
        {
            bench.Engine.Step();
            if (!few.Outcome.IsCompleted) Assert.InRange(bench.Decoder.Plans[^1].Count, 1, 2);
        }

        bench.Run();
        Assert.All(crowd, c => Assert.Equal(GenerationEnd.Length, Bench.Outcome(c).End));
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
    public void A_chooser_that_throws_ends_its_own_request_only()
    {
        var bench = new Bench(new CellDecoder(1000));
        var bad = bench.Ask(Words(1, 20), 30, new Script { At = 3 });
        var good = bench.Ask(Words(2, 20), 30);
        bench.Run();
        Assert.Equal(GenerationEnd.Failed, Bench.Outcome(bad).End);
        Assert.Equal(CellDecoder.Alone(Words(2, 20), 30), Bench.Tokens(good));
    }

    [Fact]
    public void Forced_tokens_are_told_at_once_and_computed_together()
    {
        var bench = new Bench(new CellDecoder(1000));
        var generation = bench.Ask(Words(1, 20), 12, new Script { Follow = [5, 6, 7] });
        bench.Run();
        var outcome = Bench.Outcome(generation);
        Assert.Equal((12, 9, 3, GenerationEnd.Length), (outcome.Generated, outcome.Forced, outcome.Calls, outcome.End));
        Assert.Equal(3, bench.Decoder.Plans.Count);
        Assert.Equal(4, bench.Decoder.Plans[^1].Values.Single());
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

    private sealed class Script : ITokenChooser
    {
        private int _chosen;

        public int At { get; init; } = -1;
        public int[] Follow { get; init; } = [];
        public bool Complete => false;

        public int Choose(ReadOnlySpan<float> logits) => ++_chosen == At ? throw new InvalidOperationException("no token") : 4;

        public ReadOnlySpan<int> Forced() => Follow;
    }

    private sealed class Bench
    {
        private readonly DecodeQueue _queue;

        public Bench(CellDecoder decoder, DecodeOptions? options = null)
        {
            Decoder = decoder;
            options ??= new DecodeOptions();
            _queue = new DecodeQueue(options, TimeProvider.System);
            Engine = new DecodeEngine(decoder, _queue, t => t == CellDecoder.End, options, TimeProvider.System, null);
        }

        public CellDecoder Decoder { get; }

        public DecodeEngine Engine { get; }

        public static GenerationOutcome Outcome(Generation generation)
        {
            Assert.True(generation.Outcome.IsCompletedSuccessfully);
            return generation.Outcome.Result;
        }

        public static List<int> Tokens(Generation generation, Bench? run = null)
        {
            run?.Run();
            List<int> tokens = [];
            while (generation.Tokens.TryRead(out var token)) tokens.Add(token);
            return tokens;
        }

        public Generation Ask(int[] prompt, int most, ITokenChooser? chooser = null, int pinned = 0, string tenant = "default")
        {
            var generation = new Generation(new GenerationRequest(prompt, most, chooser ?? new Greedy()) { Pinned = pinned, Tenant = tenant });
            _queue.Add(generation);
            return generation;
        }

        public int Reused(int[] prompt)
        {
            var generation = Ask(prompt, 1);
            Run();
            return Outcome(generation).Reused;
        }

        public void Run()
        {
            while (Engine.Step()) { }
        }
    }
}
