namespace AgentMesh.TinyModels;

/// <summary>A BERT-like model with random weights and a WordPiece vocabulary of letters and a few words; its embedding of a text is what its pooling says.</summary>
public static class TinyEmbedder
{
    public const int Width = 64;
    private const int Layers = 2;
    private const int FeedForward = 128;
    private const int Context = 256;

    /// <summary>How the tokens' vectors become the text's; the values are those of the file format.</summary>
    public enum Pooling
    {
        Mean = 1,
        FirstToken = 2,
        LastToken = 3,
    }

    public static void Save(string path, Pooling pooling = Pooling.Mean, int seed = 1)
    {
        // A letter that begins a word has the mark in front; inside a word it has none.
        var letters = Enumerable.Range('a', 26).Concat(Enumerable.Range('0', 10)).Concat(".,!?'"u8.ToArray().Select(b => (int)b)).Select(c => ((char)c).ToString()).ToList();
        IReadOnlyList<string> tokens =
        [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. letters.Select(l => "▁" + l), .. letters,
            "▁the", "▁invoice", "▁payment", "▁ticket", "▁agent", "▁plan", "ing", "ed", "er",
        ];
        var w = new GgufWriter()
            .Fact("general.architecture", "bert")
            .Fact("general.name", "tiny-bert")
            .Fact("bert.context_length", Context)
            .Fact("bert.embedding_length", Width)
            .Fact("bert.block_count", Layers)
            .Fact("bert.feed_forward_length", FeedForward)
            .Fact("bert.attention.head_count", 4)
            .Fact("bert.attention.layer_norm_epsilon", 1e-6f)
            .Fact("bert.attention.causal", false)
            .Fact("bert.pooling_type", (int)pooling)
            .Fact("tokenizer.ggml.model", "bert")
            .Fact("tokenizer.ggml.token_type_count", 2)
            .Fact("tokenizer.ggml.tokens", tokens)
            .Fact("tokenizer.ggml.token_type", [.. tokens.Select((_, i) => i < 5 ? 3 : 1)])
            .Fact("tokenizer.ggml.padding_token_id", 0)
            .Fact("tokenizer.ggml.unknown_token_id", 1)
            .Fact("tokenizer.ggml.cls_token_id", 2)
            .Fact("tokenizer.ggml.bos_token_id", 2)
            .Fact("tokenizer.ggml.eos_token_id", 3)
            .Fact("tokenizer.ggml.seperator_token_id", 3)
            .Fact("tokenizer.ggml.mask_token_id", 4);
        var even = 1 / MathF.Sqrt(Width);
        w.Random("token_embd.weight", TensorType.F32, 0, 1, Width, tokens.Count);
        w.Random("position_embd.weight", TensorType.F32, 0, 0.1f, Width, Context);
        w.Random("token_types.weight", TensorType.F32, 0, 0.1f, Width, 2);
        Norm("token_embd_norm");
        for (var layer = 0; layer < Layers; layer++)
        {
            var l = $"blk.{layer}.";
            foreach (var part in new[] { "attn_q", "attn_k", "attn_v", "attn_output" }) Layer(l + part, Width, Width);
            Norm($"{l}attn_output_norm");
            Layer($"{l}ffn_up", Width, FeedForward);
            Layer($"{l}ffn_down", FeedForward, Width);
            Norm($"{l}layer_output_norm");
        }

        w.Save(path, seed);

        void Layer(string name, long from, long to)
        {
            w.Random($"{name}.weight", TensorType.F32, 0, even, from, to);
            w.Random($"{name}.bias", TensorType.F32, 0, 0.05f, to);
        }

        void Norm(string name)
        {
            w.Random($"{name}.weight", TensorType.F32, 1, 0.05f, Width);
            w.Random($"{name}.bias", TensorType.F32, 0, 0.05f, Width);
        }
    }
}
