using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.TinyModels;
using static AgentMesh.Inference.Tests.LlamaCpp.Models;

namespace AgentMesh.Inference.Tests.LlamaCpp;

/// <summary>The decoder over the real library: what is computed together or shared is what would have been computed alone.</summary>
public sealed class ContextTests
{
    private static readonly int[] One = [5, 17, 42, 99, 256, 300];
    private static readonly int[] Two = [7, 8, 9, 600, 601];

    [Fact]
    public void Two_sequences_in_one_batch_are_as_two_alone()
    {
        using var together = Context();
        using var alone = Context();
        together.Decode([.. Batch(0, 0, One), .. Batch(1, 0, Two)]);
        for (var i = 0; i < One.Length; i++) Same(alone.Last(0, i, One[i]), together.Logits(i));
        for (var i = 0; i < Two.Length; i++) Same(alone.Last(1, i, Two[i]), together.Logits(One.Length + i));
    }

    [Theory]
    [InlineData(TensorType.F16)]
    [InlineData(TensorType.Q8_0)]
    [InlineData(TensorType.Q4_0)]
    public void Greedy_tokens_in_a_batch_are_those_alone(TensorType weights)
    {
        using var model = Load(ModelShape.TinyQwen2, weights);
        using var context = new LlamaContext(model, new LlamaContextOptions(256, 8, 64, Threads: 1));
        int[][] starts = [[1, 70], [300, 301], [900, 4, 11], [60], [500, 12]];
        var together = Greedy(context, starts, 12);
        for (var s = 0; s < starts.Length; s++)
        {
            for (var i = 0; i < starts.Length; i++) context.Remove(i, 0, int.MaxValue);
            Assert.Equal(together[s], Greedy(context, [starts[s]], 12)[0]);
        }
    }

    [Fact]
    public void A_copied_prefix_is_as_a_computed_one_and_takes_no_cells()
    {
        using var context = Context(cells: 256);
        using var alone = Context();
        var prefix = Enumerable.Range(0, 60).Select(i => i * 7 % 1000).ToArray();
        context.Last(0, 0, prefix);
        for (var s = 1; s < 8; s++) context.Copy(0, s, 0, prefix.Length);
        // Seven copies of 60 would not fit in 256 cells.
        var copied = context.Last(5, prefix.Length, Two);
        alone.Last(5, 0, prefix);
        Same(alone.Last(5, prefix.Length, Two), copied);
        Same(alone.Last(5, prefix.Length + Two.Length, 3), context.Last(5, prefix.Length + Two.Length, 3));
        // The original goes; what shares its cells keeps them.
        context.Remove(0, 0, int.MaxValue);
        alone.Remove(5, prefix.Length, int.MaxValue);
        Same(alone.Last(5, prefix.Length, One), context.Last(6, prefix.Length, One));
    }

    [Fact]
    public void A_sequence_with_cells_of_its_own_is_as_one_in_a_pool_and_a_copy_of_it_as_computed()
    {
        using var context = new LlamaContext(Tiny, new LlamaContextOptions(4 * 256, 4, 64, 64, Threads: 1, Separate: true));
        using var alone = Context();
        Assert.Equal((256, 1024), (context.SequenceCells, context.Cells));
        var prefix = Enumerable.Range(0, 60).Select(i => i * 7 % 1000).ToArray();
        context.Last(1, 0, prefix);
        context.Last(2, 0, Two);
        // What the target had is replaced, and of the source only a part is wanted.
        context.Copy(1, 2, 0, 40);
        context.Copy(2, 3, 0, 30);
        context.Remove(1, 0, int.MaxValue);
        context.Last(1, 0, One);
        Same(alone.Last(0, 0, [.. prefix[..40], .. One]), context.Last(2, 40, One));
        Same(alone.Last(1, 0, [.. prefix[..30], .. Two]), context.Last(3, 30, Two));
        context.Decode([.. Batch(1, One.Length, 7), .. Batch(2, 40 + One.Length, 8), .. Batch(3, 30 + Two.Length, 9)]);
        Same(alone.Last(2, 0, [.. One, 7]), context.Logits(0));
        Same(alone.Last(1, 30 + Two.Length, 9), context.Logits(2));
    }

    [Fact]
    public void A_part_of_a_prefix_can_be_shared_and_gone_on_from()
    {
        using var context = Context();
        using var alone = Context();
        context.Last(0, 0, One);
        context.Copy(0, 1, 0, 3);
        Same(alone.Last(0, 0, [.. One[..3], .. Two]), context.Last(1, 3, Two));
    }

    [Fact]
    public void A_gap_can_be_filled_by_sharing_what_another_computed()
    {
        using var context = Context();
        using var alone = Context();
        context.Last(0, 0, [.. One, .. Two]);
        context.Last(1, 0, One);
        context.Remove(0, 2, One.Length);
        Assert.Contains("lacks positions from 2", Assert.Throws<DecoderException>(() => context.Last(0, One.Length + Two.Length, 3)).Message, StringComparison.Ordinal);
        context.Copy(1, 0, 2, One.Length);
        context.Remove(1, 0, int.MaxValue);
        alone.Last(0, 0, [.. One, .. Two]);
        Same(alone.Last(0, One.Length + Two.Length, 3), context.Last(0, One.Length + Two.Length, 3));
    }

    [Fact]
    public void Removed_positions_can_be_written_anew_and_their_cells_are_free()
    {
        using var context = Context(cells: 256);
        using var alone = Context();
        for (var round = 0; round < 10; round++)
        {
            context.Last(0, 0, [.. Enumerable.Repeat(50 + round, 60)]);
            context.Remove(0, 2, int.MaxValue);
            context.Last(0, 2, One);
            context.Remove(0, 0, int.MaxValue);
        }

        Same(alone.Last(0, 0, One), context.Last(0, 0, One));
    }

    [Fact]
    public void A_full_pool_says_so_and_changes_nothing()
    {
        using var context = Context(cells: 256);
        using var alone = Context();
        for (var s = 0; s < 4; s++) context.Last(s, 0, [.. Enumerable.Repeat(20 + s, 60)]);
        Assert.Throws<NoCellsException>(() => context.Decode([.. Batch(4, 0, [.. Enumerable.Repeat(1, 30)]), .. Batch(3, 60, [.. Enumerable.Repeat(1, 30)])]));
        alone.Last(3, 0, [.. Enumerable.Repeat(23, 60)]);
        // Sequence 3 still ends at 60, and 4 is empty.
        Same(alone.Last(3, 60, 9), context.Last(3, 60, 9));
        context.Remove(0, 0, int.MaxValue);
        Same(alone.Last(4, 0, One), context.Last(4, 0, One));
    }

    [Fact]
    public void What_the_library_would_abort_for_is_refused()
    {
        using var context = Context(cells: 256, sequences: 4, batch: 16, outputs: 4);
        context.Last(0, 0, 1, 2);
        Assert.Contains("1 to 16", Assert.Throws<DecoderException>(() => context.Decode([])).Message, StringComparison.Ordinal);
        Assert.Throws<DecoderException>(() => context.Decode(new BatchToken[17]));
        Assert.Contains("at position 2", Assert.Throws<DecoderException>(() => context.Decode([new(1, 5, 0, true)])).Message, StringComparison.Ordinal);
        Assert.Throws<DecoderException>(() => context.Decode([new(1, 2, 0, true), new(1, 2, 0, true)]));
        Assert.Throws<DecoderException>(() => context.Decode([new(1, 0, 4, true)]));
        Assert.Throws<DecoderException>(() => context.Decode([new(-1, 0, 1, true)]));
        Assert.Throws<DecoderException>(() => context.Decode([new(1024, 0, 1, true)]));
        Assert.Contains("At most 4", Assert.Throws<DecoderException>(() => context.Decode(Batch(1, 0, 1, 2, 3, 4, 5))).Message, StringComparison.Ordinal);
        Assert.Throws<DecoderException>(() => context.Copy(0, 4, 0, 2));
        Assert.Throws<DecoderException>(() => context.Remove(-1, 0, 2));
        context.Copy(0, 1, 0, 2);
        Assert.Contains("already has", Assert.Throws<DecoderException>(() => context.Copy(0, 1, 0, 2)).Message, StringComparison.Ordinal);
        context.Decode([new(1, 2, 0, false), new(1, 2, 1, true)]);
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Logits(0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Logits(2).Length);
        Assert.Equal(1024, context.Logits(1).Length);
    }

    [Fact]
    public void Sizes_are_what_was_asked_for()
    {
        using var context = Context(cells: 512, sequences: 8, batch: 64, outputs: 9);
        Assert.Equal((512, 8, 64, 9, 1024), (context.Cells, context.Sequences, context.BatchTokens, context.Outputs, context.Vocabulary));
        Assert.Throws<LlamaException>(() => new LlamaContext(Tiny, new LlamaContextOptions(Sequences: 257)));
        Assert.Throws<LlamaException>(() => new LlamaContext(Tiny, new LlamaContextOptions(Cells: 0)));
    }

    [Fact]
    public void A_decode_allocates_nothing()
    {
        using var context = Context();
        BatchToken[] batch = [new(5, 0, 0, true)];
        context.Decode(batch);
        batch[0] = new(5, 1, 0, true);
        context.Decode(batch);
        _ = context.Logits(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 2; i < 50; i++)
        {
            batch[0] = new(5, i, 0, true);
            context.Decode(batch);
            _ = context.Logits(0).Length;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_context_outlives_its_model_and_refuses_use_after_its_own_end()
    {
        var model = Load(Smallest, TensorType.F32);
        var context = new LlamaContext(model, new LlamaContextOptions(64, 2, 16, Outputs: 16, Threads: 1));
        model.Dispose();
        model.Dispose();
        Assert.Equal(300, context.Last(0, 0, 1, 2, 3).Length);
        Assert.Throws<ObjectDisposedException>(() => new LlamaContext(model));
        context.Dispose();
        context.Dispose();
        Assert.Throws<ObjectDisposedException>(() => context.Decode(Batch(0, 3, 1)));
        Assert.Throws<ObjectDisposedException>(() => context.Logits(0).Length);
        Assert.Throws<ObjectDisposedException>(() => context.Remove(0, 0, 1));
    }

    private static List<List<int>> Greedy(LlamaContext context, IReadOnlyList<int[]> starts, int tokens)
    {
        var answers = starts.Select(_ => new List<int>()).ToList();
        var batch = starts.SelectMany((start, s) => start.Select((t, i) => new BatchToken(t, i, s, i == start.Length - 1))).ToList();
        for (var step = 0; step < tokens; step++)
        {
            context.Decode(batch.ToArray());
            var next = new List<BatchToken>();
            for (var i = 0; i < batch.Count; i++)
            {
                if (!batch[i].Output) continue;
                var best = Best(context.Logits(i));
                answers[batch[i].Sequence].Add(best);
                next.Add(new BatchToken(best, batch[i].Position + 1, batch[i].Sequence, Output: true));
            }

            batch = next;
        }

        return answers;
    }
}
