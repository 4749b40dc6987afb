using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.Gguf;

namespace AgentMesh.Inference.LlamaCpp;

/// <summary>What the child process of <see cref="ModelTrial"/> does: everything that a model is used for, once and small.</summary>
public static class ModelProbe
{
    /// <summary>The exit code that says a file was refused in good order.</summary>
    internal const int Refused = 3;

    // Words, digits, marks, letters of several scripts, a symbol outside the first plane, control characters, and what looks like control tokens.
    private const string Text = "Hello, wörld 12345!\n\t{\"a\": [1.5, null]} \u4f60\u597d \u0645\u0631\u062d\u0628\u0627 \U0001F600 <|im_start|></s>\u0000\u0007~";

    /// <summary>Writes a line for each file: nothing where it can be used, else why not.</summary>
    /// <param name="arguments">The folder of the libraries, then files.</param>
    /// <returns>0 where all can be used.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (arguments.Count < 2) return 2;
        var code = 0;
        foreach (var path in arguments.Skip(1))
        {
            var problem = Problem(arguments[0], path);
            output.WriteLine(problem ?? "");
            output.Flush();
            if (problem is not null) code = Refused;
        }

        return code;
    }

    private static string? Problem(string folder, string path)
    {
        try
        {
            // Without the GPU: it may be in use, and the checks that end a process are made before a device is chosen.
            using var model = LlamaModel.Load(LlamaLibrary.Load(folder), path, new LlamaModelOptions("cpu", Trusted: true));
            if (model.HasDecoder && !model.HasEncoder && !model.KeepsState && !model.IsDiffusion && !PoolsOnly(model)) Decode(model);
            else Embed(model);
            return null;
        }
        catch (Exception e) when (e is LlamaException or GgufException or DecoderException or IOException or UnauthorizedAccessException)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
    }

    private static bool PoolsOnly(LlamaModel model) => model.Metadata.Keys.Any(k => k.EndsWith(".pooling_type", StringComparison.Ordinal));

    private static void Decode(LlamaModel model)
    {
        foreach (var special in new[] { false, true }) model.Tokenizer.Tokenize(Text, special, start: true);
        var tokens = model.Tokenizer.Tokenize(Text, special: true, start: true).Take(16).ToList();
        if (tokens.Count == 0) throw new LlamaException("its vocabulary has no tokens for a plain text");
        using var context = new LlamaContext(model, new LlamaContextOptions(Cells: 64, Sequences: 2, BatchTokens: 32, Threads: 1));
        context.Decode([.. tokens.Select((token, i) => new BatchToken(token, i, 0, i == tokens.Count - 1))]);
        foreach (var logit in context.Logits(tokens.Count - 1))
            if (!float.IsFinite(logit)) throw new LlamaException("its weights give results that are not numbers");
    }

    private static void Embed(LlamaModel model)
    {
        using var embedder = new LlamaEmbedder(model, batchTokens: 512, sequences: 2, threads: 1);
        embedder.Embed([Text]);
    }
}
