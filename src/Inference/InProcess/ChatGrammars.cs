using System.Text.Json;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.Grammars;
using AgentMesh.Inference.Templates.ToolCalling;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.InProcess;

/// <summary>What an answer must obey, ready for one model's vocabulary. The latest schemas stay compiled. Safe for use in parallel.</summary>
internal sealed class ChatGrammars(ITokenizer tokenizer)
{
    private const int Kept = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Grammar> _compiled = new(StringComparer.Ordinal);
    private readonly Lazy<GrammarVocabulary> _vocabulary = new(() => new GrammarVocabulary(tokenizer));

    /// <returns>Null where the answer may be any text.</returns>
    /// <exception cref="ModelException">The schema cannot be enforced.</exception>
    public GrammarState? For(ChatOptions? options)
    {
        if (options?.ResponseFormat is not ChatResponseFormatJson json) return null;
        return _vocabulary.Value.Start(json.Schema is { } schema ? Compiled(schema) : Grammar.Json);
    }

    /// <returns>Null where calls cannot be enforced: they are no JSON, or a tool's schema cannot be. They are read from the answer all the same.</returns>
    public HeldAnswer? Call(ToolCallGrammar? calls)
    {
        // Families that name the tool before the JSON would have to choose it first.
        if (calls is null || calls.Calls.Select(c => (c.Before, c.After)).Distinct().Count() != 1) return null;
        try
        {
            var grammar = JsonSchemaGrammar.Compile(ToolCallSchema.AnyOf([.. calls.Calls.Select(c => c.Schema)]));
            return new HeldAnswer(Tokens(calls.Calls[0].Before), _vocabulary.Value.Start(grammar), Tokens(calls.Calls[0].After));
        }
        catch (GrammarException)
        {
            return null;
        }
    }

    private IReadOnlyList<int> Tokens(string text) => text.Length == 0 ? [] : tokenizer.Tokenize(text, special: true, start: false);

    private Grammar Compiled(JsonElement schema)
    {
        var text = schema.GetRawText();
        lock (_gate)
            if (_compiled.TryGetValue(text, out var known)) return known;
        Grammar grammar;
        try
        {
            grammar = JsonSchemaGrammar.Compile(schema);
        }
        catch (GrammarException e)
        {
            throw new ModelException(ModelErrorKind.Rejected, e.Message, e) { Unsupported = ModelFeature.JsonSchema };
        }

        lock (_gate)
        {
            if (_compiled.Count >= Kept) _compiled.Clear();
            return _compiled[text] = grammar;
        }
    }
}
