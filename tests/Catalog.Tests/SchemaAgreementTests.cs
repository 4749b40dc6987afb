using AgentMesh.Catalog.Yaml;
using NJsonSchema;

namespace AgentMesh.Catalog.Tests;

/// <summary>The published schema files and the readers say yes and no to the same files (names and conditions, which no schema can know, aside).</summary>
public sealed class SchemaAgreementTests
{
    private const string Playbook =
        """
        name: mine
        description: Sorts mail.
        triggers: [mail]
        requires: [email]
        steps:
          - id: sort
            role: classifier
            instruction: Sort.
            inputs: [email]
            produces: category
            when: exists(email)
            tools: []
            retry: {attempts: 2, firstDelay: 0s, maxDelay: 1.5m}
            timeout: 30s
            optional: true
        deliver: [sort]
        """;

    private const string Role =
        """
        name: translator
        purpose: Translates.
        prompt: Translate.
        model: large
        minConfidence: 0.7
        maxIterations: 3
        timeout: 90s
        tools: [http.fetch]
        capabilities:
          - name: translation
            consumes: [email]
            uses: [category]
            produces: translation
            instruction: Translate.
            tools: [http.fetch]
        kinds:
          translation: {description: An English text., words: [translate], schema: {type: object}}
        """;

    private static readonly string[] Values =
        ["5", "-1", "1000", "0.5", "true", "x", "X y", "''", "' '", "[]", "[x]", "[x, x]", "[5]", "[[x]]", "['']", "{}", "{x: y}", "30s", "30 s", "1.5h", "small", "~"];

    [Fact]
    public async Task Playbook_schema_and_reader_agree() =>
        await Agree(PlaybookLoader.Schema, Playbook, (text, bag) => PlaybookReader.Read(text, bag));

    [Fact]
    public async Task Role_schema_and_reader_agree() =>
        await Agree(CatalogueBuilder.RoleSchema, Role, (text, bag) => RoleReader.Read(text, bag));

    // Every value of the good file is replaced by values of every type, and every key is dropped and misspelt in turn.
    private static async Task Agree(string schemaText, string good, Action<string, DiagnosticBag> read)
    {
        var schema = await JsonSchema.FromJsonAsync(schemaText, TestContext.Current.CancellationToken);
        List<string> texts = [good];
        var lines = good.Split('\n');
        for (var n = 0; n < lines.Length; n++)
        {
            texts.Add(string.Join('\n', lines.Where((_, i) => i != n)));
            var colon = lines[n].IndexOf(':', StringComparison.Ordinal);
            var key = lines[n].Length - lines[n].AsSpan().TrimStart(" -").Length;
            texts.Add(With(n, lines[n].Insert(key, "un")));
            if (lines[n].EndsWith(':')) continue;
            texts.AddRange(Values.Select(v => With(n, $"{lines[n][..colon]}: {v}")));
        }

        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)[("attempts: 2", "attempts: 0"), ("attempts: 2", "attempts: 1.5"), ("firstDelay: 0s", "firstDelay: 0"),
            ("attempts: 2", "atempts: 2"), ("schema: {type: object}", "schema: x"), ("description: An English text., ", ""), ("words: [translate]", "words: translate")])
            if (good.Contains(key, StringComparison.Ordinal)) texts.Add(good.Replace(key, value, StringComparison.Ordinal));

        var (accepted, refused) = (0, 0);
        foreach (var text in texts)
        {
            var syntax = new DiagnosticBag("f");
            if (YamlReader.Read(text, syntax) is not { } node || syntax.HasErrors) continue;
            var bag = new DiagnosticBag("f");
            read(text, bag);
            var errors = schema.Validate(YamlJson.Convert(node).GetRawText());
            Assert.True(errors.Count == 0 == !bag.HasErrors,
                $"Schema: {string.Join("; ", errors)}\nReader: {string.Join("; ", bag.Found)}\n{text}");
            if (bag.HasErrors) refused++;
            else accepted++;
        }

        Assert.InRange(accepted, 10, texts.Count);
        Assert.InRange(refused, 100, texts.Count);

        string With(int n, string line) => string.Join('\n', lines.Select((l, i) => i == n ? line : l));
    }
}
