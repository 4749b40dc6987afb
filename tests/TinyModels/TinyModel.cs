namespace AgentMesh.TinyModels;

/// <summary>Model files with random weights, the same for the same seed, and a real byte-level BPE tokenizer with ChatML's control tokens.</summary>
public static class TinyModel
{
    /// <summary>ChatML: each message between its marks, then the mark where the assistant begins.</summary>
    public const string ChatTemplate =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    /// <summary>They have the first ids.</summary>
    public static readonly IReadOnlyList<string> ControlTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    /// <param name="weights">Of the matrices; vectors stay F32. With Q4_0 the embedding's table is Q8_0, as it is in real files (there it has six bits).</param>
    /// <param name="template">Null: <see cref="ChatTemplate"/>.</param>
    public static void Save(string path, ModelShape shape, TensorType weights = TensorType.F32, int seed = 1, string? template = null) =>
        Writer(shape, weights, seed, template).Save(path, seed);

    public static GgufWriter Writer(ModelShape shape, TensorType weights, int seed, string? template = null)
    {
        var (a, width, head) = (shape.Architecture, (long)shape.Width, (long)shape.Width / shape.Heads);
        var w = new GgufWriter()
            .Fact("general.architecture", a)
            .Fact("general.name", shape.Name)
            .Fact($"{a}.context_length", shape.Context)
            .Fact($"{a}.embedding_length", shape.Width)
            .Fact($"{a}.block_count", shape.Layers)
            .Fact($"{a}.feed_forward_length", shape.FeedForward)
            .Fact($"{a}.attention.head_count", shape.Heads)
            .Fact($"{a}.attention.head_count_kv", shape.KvHeads)
            .Fact($"{a}.attention.layer_norm_rms_epsilon", 1e-5f)
            .Fact($"{a}.rope.freq_base", shape.RopeBase);
        Vocabulary(w, shape, seed);
        w.Fact("tokenizer.chat_template", template ?? ChatTemplate);

        // Logits get a spread of about three: some tokens stand out, as in a trained model.
        var table = weights == TensorType.Q4_0 ? TensorType.Q8_0 : weights;
        var even = 1 / MathF.Sqrt(shape.Width);
        w.Random("token_embd.weight", table, 0, 3 * even, width, shape.Vocabulary);
        w.Random("output_norm.weight", TensorType.F32, 1, 0.05f, width);
        if (!shape.Tied) w.Random("output.weight", table, 0, 3 * even, width, shape.Vocabulary);
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var l = $"blk.{layer}.";
            w.Random($"{l}attn_norm.weight", TensorType.F32, 1, 0.05f, width);
            w.Random($"{l}attn_q.weight", weights, 0, even, width, width);
            w.Random($"{l}attn_k.weight", weights, 0, even, width, head * shape.KvHeads);
            w.Random($"{l}attn_v.weight", weights, 0, even, width, head * shape.KvHeads);
            if (a == "qwen2")
            {
                w.Random($"{l}attn_q.bias", TensorType.F32, 0, 0.1f, width);
                w.Random($"{l}attn_k.bias", TensorType.F32, 0, 0.1f, head * shape.KvHeads);
                w.Random($"{l}attn_v.bias", TensorType.F32, 0, 0.1f, head * shape.KvHeads);
            }

            w.Random($"{l}attn_output.weight", weights, 0, even, width, width);
            w.Random($"{l}ffn_norm.weight", TensorType.F32, 1, 0.05f, width);
            w.Random($"{l}ffn_gate.weight", weights, 0, even, width, shape.FeedForward);
            w.Random($"{l}ffn_up.weight", weights, 0, even, width, shape.FeedForward);
            w.Random($"{l}ffn_down.weight", weights, 0, 1 / MathF.Sqrt(shape.FeedForward), shape.FeedForward, width);
        }

        return w;
    }

    private static void Vocabulary(GgufWriter writer, ModelShape shape, int seed)
    {
        var learnt = new BytePairs(shape.Vocabulary - ControlTokens.Count, seed);
        IReadOnlyList<string> tokens = [.. ControlTokens, .. learnt.Tokens];
        writer
            .Fact("tokenizer.ggml.model", "gpt2")
            .Fact("tokenizer.ggml.pre", shape.Pretokenizer)
            .Fact("tokenizer.ggml.tokens", tokens)
            .Fact("tokenizer.ggml.token_type", [.. tokens.Select((_, i) => i < ControlTokens.Count ? 3 : 1)])
            .Fact("tokenizer.ggml.merges", learnt.Merges)
            .Fact("tokenizer.ggml.bos_token_id", 1)
            .Fact("tokenizer.ggml.eos_token_id", 2)
            .Fact("tokenizer.ggml.padding_token_id", 0)
            .Fact("tokenizer.ggml.add_bos_token", false);
    }
}
