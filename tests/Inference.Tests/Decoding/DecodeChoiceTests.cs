using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.Tests.Decoding;

/// <summary>What an engine does with what its requests' choosers say.</summary>
public sealed class DecodeChoiceTests
{
    [Fact]
    public void A_chooser_that_throws_ends_its_own_request_only()
    {
        var bench = new Bench(new CellDecoder(1000));
        var bad = bench.Ask(Bench.Words(1, 20), 30, new Script { At = 3 });
        var good = bench.Ask(Bench.Words(2, 20), 30);
        bench.Run();
        Assert.Equal(GenerationEnd.Failed, Bench.Outcome(bad).End);
        Assert.Equal(CellDecoder.Alone(Bench.Words(2, 20), 30), Bench.Tokens(good));
    }

    [Fact]
    public void A_chooser_that_throws_before_its_first_token_ends_its_own_request_only()
    {
        var bench = new Bench(new CellDecoder(1000));
        var bad = bench.Ask(Bench.Words(1, 20), 30, new Broken());
        var good = bench.Ask(Bench.Words(2, 20), 30);
        bench.Run();
        Assert.Equal(GenerationEnd.Failed, Bench.Outcome(bad).End);
        Assert.Equal(CellDecoder.Alone(Bench.Words(2, 20), 30), Bench.Tokens(good));
        Assert.Equal(bench.Engine.Stats.CachedCells, bench.Decoder.Used);
    }

    [Fact]
    public void Forced_tokens_are_told_at_once_and_computed_together()
    {
        var bench = new Bench(new CellDecoder(1000));
        var generation = bench.Ask(Bench.Words(1, 20), 12, new Script { Follow = [5, 6, 7] });
        bench.Run();
        var outcome = Bench.Outcome(generation);
        Assert.Equal((12, 9, 3, GenerationEnd.Length), (outcome.Generated, outcome.Forced, outcome.Calls, outcome.End));
        Assert.Equal(3, bench.Decoder.Plans.Count);
        Assert.Equal(4, bench.Decoder.Plans[^1].Values.Single());
    }

    [Fact]
    public void Forced_tokens_are_computed_together_beside_others_with_cells_of_their_own()
    {
        var bench = new Bench(new CellDecoder(8 * 200, sequences: 8, separate: true));
        var forced = bench.Ask(Bench.Words(1, 20), 40, new Script { Follow = [5, 6, 7, 8] });
        var free = bench.Ask(Bench.Words(2, 20), 40, new Script());
        // Four at the start, then five in each step: the one that was chosen, and what follows it.
        Assert.Equal(8, bench.StepsUntilEnd(forced));
        Assert.Equal([1, 1], bench.Decoder.Plans[^2].Values);
        Assert.Equal([4], bench.Decoder.Plans[^1].Values);
        bench.Run();
        Assert.Equal((40, 40), (Bench.Outcome(forced).Generated, Bench.Outcome(free).Generated));
    }

    [Theory]
    [InlineData(2, false, GenerationEnd.Length)]
    [InlineData(2, true, GenerationEnd.Length)]
    [InlineData(3, false, GenerationEnd.Length)]
    [InlineData(3, true, GenerationEnd.Stop)]
    [InlineData(4, true, GenerationEnd.Stop)]
    public void A_forced_beginning_keeps_to_the_limit(int most, bool complete, GenerationEnd end)
    {
        // No more cells than the prompt and its answer may take.
        var bench = new Bench(new CellDecoder(20 + most));
        var generation = bench.Ask(Bench.Words(1, 20), most, new Script { Follow = [5, 6, 7], Complete = complete });
        bench.Run();
        var outcome = Bench.Outcome(generation);
        Assert.Equal((end, Math.Min(most, 3), 0), (outcome.End, outcome.Generated, outcome.Calls));
        Assert.Equal(new[] { 5, 6, 7 }.Take(most), Bench.Tokens(generation));
    }

    [Fact]
    public void Forced_tokens_that_the_limit_cuts_off_leave_no_whole_answer()
    {
        var bench = new Bench(new CellDecoder(100));
        var generation = bench.Ask(Bench.Words(1, 20), 6, new Once());
        bench.Run();
        Assert.Equal((GenerationEnd.Length, 6), (Bench.Outcome(generation).End, Bench.Outcome(generation).Generated));
    }

    private sealed class Broken : ITokenChooser
    {
        public bool Complete => false;

        public int Choose(ReadOnlySpan<float> logits) => 4;

        public ReadOnlySpan<int> Forced() => throw new InvalidOperationException("no beginning");
    }

    /// <summary>One choice, after which nothing else can come.</summary>
    private sealed class Once : ITokenChooser
    {
        public bool Complete { get; private set; }

        public int Choose(ReadOnlySpan<float> logits)
        {
            Complete = true;
            return 4;
        }

        public ReadOnlySpan<int> Forced() => Complete ? [5, 6, 7, 8, 9, 10] : [];
    }
}
