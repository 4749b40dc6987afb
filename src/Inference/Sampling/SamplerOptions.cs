using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Sampling;

/// <summary>How the next token is chosen. The defaults are llama.cpp's.</summary>
public sealed record SamplerOptions
{
    public static readonly SamplerOptions Default = new();

    /// <summary>Divides the logits; 0 takes the likeliest token always.</summary>
    public float Temperature { get; init; } = 0.8f;

    /// <summary>Only so many of the likeliest tokens; 0: all.</summary>
    public int TopK { get; init; } = 40;

    /// <summary>Only the likeliest tokens that together have this probability; 1: all.</summary>
    public float TopP { get; init; } = 0.95f;

    /// <summary>Only tokens at least this likely, as a part of the likeliest one's probability; 0: all.</summary>
    public float MinP { get; init; } = 0.05f;

    /// <summary>Divides a positive logit of a token that came lately, and multiplies a negative one; 1: no penalty.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Taken from a token's logit for each time that it came lately.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Taken from a token's logit once when it came lately.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>How many tokens back "lately" is; 0 turns the penalties off.</summary>
    public int PenaltyTokens { get; init; } = 64;

    /// <summary>The same seed, logits and masks give the same tokens (on one kind of processor). Null: one is drawn by whoever makes the sampler.</summary>
    public long? Seed { get; init; }

    /// <summary>What a request asks for: its own options and, as additional properties, min_p, repeat_penalty and repeat_last_n. What it leaves out is the default.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message says which and what it may be.</exception>
    public static SamplerOptions From(ChatOptions? options)
    {
        if (options is null) return Default;
        return new SamplerOptions
        {
            Temperature = options.Temperature ?? Default.Temperature,
            TopK = options.TopK ?? Default.TopK,
            TopP = options.TopP ?? Default.TopP,
            MinP = (float)(Additional(options, "min_p") ?? Default.MinP),
            RepetitionPenalty = (float)(Additional(options, "repeat_penalty") ?? Default.RepetitionPenalty),
            FrequencyPenalty = options.FrequencyPenalty ?? 0,
            PresencePenalty = options.PresencePenalty ?? 0,
            PenaltyTokens = Whole(Additional(options, "repeat_last_n") ?? Default.PenaltyTokens),
            Seed = options.Seed,
        }.Checked();
    }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public SamplerOptions Checked()
    {
        Check("temperature", Temperature, 0, 100);
        Check("top_k", TopK, 0, int.MaxValue);
        Check("top_p", TopP, 0, 1);
        Check("min_p", MinP, 0, 1);
        Check("repeat_penalty", RepetitionPenalty, 0.01f, 100);
        Check("frequency_penalty", FrequencyPenalty, -100, 100);
        Check("presence_penalty", PresencePenalty, -100, 100);
        Check("repeat_last_n", PenaltyTokens, 0, 65_536);
        return this;
    }

    private static int Whole(double value) => value is >= int.MinValue and <= int.MaxValue && Math.Floor(value) == value ? (int)value : -1;

    private static void Check(string name, double value, double least, double most)
    {
        if (!(value >= least && value <= most)) throw new ArgumentException($"{name} must be from {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}, not {value.ToString(CultureInfo.InvariantCulture)}.", nameof(value));
    }

    private static double? Additional(ChatOptions options, string name) =>
        options.AdditionalProperties?.TryGetValue(name, out var value) != true ? null : value switch
        {
            null => null,
            float or double or int or long or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture),
            JsonElement { ValueKind: JsonValueKind.Number } number => number.GetDouble(),
            _ => throw new ArgumentException($"{name} must be a number.", nameof(options)),
        };
}
