using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentMesh.Inference.Grammars;

/// <summary>The schemas that this repository sends to models.</summary>
public sealed partial class RepoSchemaTests
{
    private const string Answer =
        """{"reason":"The invoice is read first, then checked.","steps":[{"id":"read","role":"retriever","instruction":"Find the invoice's terms.","inputs":["email-1"],"produces":"passages","when":null,"tools":null},{"id":"write","role":"writer","instruction":"Answer with the terms.","inputs":["read","email-1"],"produces":"reply","when":"category.confidence >= 0.8","tools":["knowledge.search"]}],"deliver":["write"]}""";

    // Raw string literals of the sources that are schemas: a new tool's parameters are found without a list.
    [Fact]
    public void All_schemas_of_tools_and_planner_compile()
    {
        var found = Sources().SelectMany(f => Literal().Matches(File.ReadAllText(f)).Select(m => m.Groups["text"].Value)).Where(IsSchema).ToList();
        Assert.True(found.Count >= 14, $"{found.Count} schemas");
        foreach (var schema in found)
        {
            var grammar = JsonSchemaGrammar.Compile(Walk.Json(schema));
            Walk.Obeys(schema, Walk.Run(new(TestTokenizer.Small), TestTokenizer.Small, grammar, new(3)));
        }
    }

    [Fact]
    public void Of_a_plan_a_quarter_or_more_of_the_tokens_is_forced()
    {
        var tokenizer = new TestTokenizer(Words(), 0, 1);
        var state = new GrammarVocabulary(tokenizer).Start(JsonSchemaGrammar.Compile(Plan()));
        var (rest, tokens, decodes) = (Answer, 0, 0);
        while (rest.Length > 0)
        {
            var forced = state.Forced();
            IReadOnlyList<int> next = forced.Count > 0 ? forced : [Longest(tokenizer, state, rest)];
            if (forced.Count == 0) decodes++;
            foreach (var token in next)
            {
                Assert.True(state.Accept(token));
                var text = Encoding.UTF8.GetString(tokenizer.Bytes(token));
                Assert.StartsWith(text, rest, StringComparison.Ordinal);
                rest = rest[text.Length..];
                tokens++;
            }
        }

        Assert.True(state.Ended);
        Assert.True(decodes <= 0.75 * tokens, $"{decodes} decodes for {tokens} tokens");
    }

    // What a model would choose: the longest token that its text begins with.
    private static int Longest(TestTokenizer tokenizer, GrammarState state, string rest)
    {
        var bytes = Encoding.UTF8.GetBytes(rest);
        return Walk.Allowed(state.Mask()).Where(t => !tokenizer.IsEnd(t) && bytes.AsSpan().StartsWith(tokenizer.Bytes(t))).MaxBy(t => tokenizer.Bytes(t).Length);
    }

    // Words, and the pieces of syntax that vocabularies of models are known to have.
    private static IEnumerable<string> Words() =>
    [
        "{\"", "\":\"", "\":[\"", "\":", "\",\"", "\"],\"", "\":[{\"", "null", "},{\"", "\"]", "\"}", "}]", ",\"", "[\"", "},\"", "]}", ":{\"", "\"]}", "null,\"", ".\",\"",
        .. Word().Matches(Answer).Select(m => m.Value).Distinct(),
    ];

    internal static JsonElement Plan() => Walk.Json(Sources().Where(f => f.EndsWith("PlanPrompt.cs", StringComparison.Ordinal)).SelectMany(f => Literal().Matches(File.ReadAllText(f))).Select(m => m.Groups["text"].Value).First(IsSchema));

    private static IEnumerable<string> Sources()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AgentMesh.sln"))) folder = folder.Parent;
        var src = Path.Combine(folder!.FullName, "src");
        return Directory.EnumerateFiles(Path.Combine(src, "Tools"), "*.cs", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Path.Combine(src, "Agents"), "*.cs", SearchOption.AllDirectories));
    }

    private static bool IsSchema(string text)
    {
        if (!text.Contains("\"type\"", StringComparison.Ordinal) || text.Contains("{{", StringComparison.Ordinal)) return false;
        try
        {
            return Walk.Json(text).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [GeneratedRegex("\"\"\"(?<text>.*?)\"\"\"", RegexOptions.Singleline, 1_000)]
    private static partial Regex Literal();

    [GeneratedRegex("[ ]?[A-Za-z]+", RegexOptions.None, 1_000)]
    private static partial Regex Word();
}
