using System.Text;
using System.Text.Json;

namespace AgentMesh.Inference.Grammars;

public sealed class SchemaTests
{
    [Theory]
    [InlineData("""{"type":"integer","minimum":-12,"maximum":105}""", "-12 -1 0 9 10 99 105", "-13 106 1000 -0 01 1.0 1e2")]
    [InlineData("""{"type":"number","exclusiveMinimum":0,"maximum":1}""", "0.5 1 1.0 0.0001", "0 0.0 1.01 -0.5 2 1e-3")]
    [InlineData("""{"type":"number","multipleOf":0.01}""", "0.25 -3.1 7", "0.125")]
    [InlineData("""{"type":"integer","multipleOf":7,"minimum":0}""", "0 7 14 700", "1 -7 13")]
    [InlineData("""{"type":["string","null"],"maxLength":2}""", "null \"\" \"éé\" \"😀a\" \"\\n\\\"\"", "\"abc\" 1")]
    [InlineData("""{"type":"string","minLength":1}""", "\"a\" \"\\u00e9\"", "\"\" \"\\ud83d\" \"\\u0000\" \"\u0001\"")]
    [InlineData("""{"type":"string","pattern":"^(?:ab?|[^a-c]{2})$"}""", "\"a\" \"ab\" \"zz\" \"\\n\\\"\"", "\"\" \"abb\" \"az\"")]
    [InlineData("""{"type":"string","pattern":"b"}""", "\"b\" \"abc\"", "\"ac\"")]
    [InlineData("""{"type":"string","pattern":"^a+$","minLength":2,"maxLength":3}""", "\"aa\" \"aaa\"", "\"a\" \"aaaa\"")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2024-02-28\" \"1999-12-31\"", "\"2023-02-29\" \"2023-13-01\" \"2023-04-31\"")]
    [InlineData("""{"enum":["a",1,null,[1,{"b":2}]],"type":["string","array"]}""", "\"a\" [1,{\"b\":2}]", "1 null \"b\"")]
    [InlineData("""{"properties":{"a":{"type":"null"},"b":{"type":"null"}},"type":"object","required":["b"]}""", """{"b":null} {"a":null,"b":null}""", """{"a":null} {} {"b":null,"a":null} {"b":null,"c":1}""")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"boolean"},"properties":{"ab":{"type":"null"}}}""", """{} {"ab":null} {"ab":null,"a":true} {"abc":true,"":false}""", """{"ab":true} {"x":true,"x":false} {"x":1}""")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"},"minProperties":1,"maxProperties":2,"propertyNames":{"pattern":"^[a-z]+$"}}""", """{"a":1} {"a":1,"b":2}""", """{} {"A":1} {"a":1,"b":2,"c":3} {"a":1,"a":2}""")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"null"},{"type":"boolean"}],"minItems":1}""", "[null] [null,true]", "[] [true] [null,true,1]")]
    [InlineData("""{"allOf":[{"properties":{"a":{"minimum":1}}},{"properties":{"a":{"type":"integer","maximum":2}},"type":"object","required":["a"]}]}""", """{"a":1} {"a":2}""", """{"a":0} {"a":3} {}""")]
    [InlineData("""{"oneOf":[{"type":"object","properties":{"k":{"const":"x"},"v":{"type":"integer"}},"required":["k","v"]},{"type":"object","properties":{"k":{"const":"y"}},"required":["k"]}]}""", """{"k":"x","v":1} {"k":"y"}""", """{"k":"x"} {"k":"y","v":1}""")]
    [InlineData("""{"$ref":"#/$defs/t","$defs":{"t":{"type":"object","properties":{"l":{"$ref":"#/$defs/t"},"r":{"$ref":"#/$defs/t"}}}}}""", """{} {"l":{"r":{}},"r":{}}""", """{"x":{}} {"l":1}""")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"type":"null"}]}""", "null", "1")]
    [InlineData("true", """1 -2.5e3 "x" {"a":[{}]} [] null""", """{"a":1,"a":2} tru [1,] -0""")]
    public void What_is_accepted(string schema, string good, string bad)
    {
        var grammar = JsonSchemaGrammar.Compile(Walk.Json(schema));
        foreach (var text in good.Split(' ')) Assert.True(grammar.Accepts(Encoding.UTF8.GetBytes(text)), text);
        foreach (var text in bad.Split(' ')) Assert.False(grammar.Accepts(Encoding.UTF8.GetBytes(text)), text);
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"not":{}}}}""", "/properties/a/not")]
    [InlineData("""{"type":"object","patternProperties":{"a":{}}}""", "/patternProperties")]
    [InlineData("""{"if":{}}""", "/if")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "/uniqueItems")]
    [InlineData("""{"type":"string","pattern":"(?=a)"}""", "/pattern")]
    [InlineData("""{"type":"string","pattern":"(a)\\1"}""", "/pattern")]
    [InlineData("""{"type":"string","format":"regex"}""", "/format")]
    [InlineData("""{"type":"strin"}""", "/type")]
    [InlineData("""{"$ref":"#/$defs/x"}""", "/$ref")]
    [InlineData("""{"$ref":"http://example.org"}""", "/$ref")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"string","minLength":2}]}""", "/oneOf/1")]
    [InlineData("""{"type":"object","properties":{"a":false},"required":["a"]}""", "")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":2}""", "")]
    [InlineData("""{"enum":[]}""", "")]
    [InlineData("""{"$ref":"#"}""", "")]
    [InlineData("""{"type":"object","properties":{"n":{"$ref":"#"}},"required":["n"]}""", "")]
    [InlineData("""{"type":"string","minLength":"3"}""", "/minLength")]
    [InlineData("[]", "")]
    public void What_cannot_be_enforced_is_refused_with_its_place(string schema, string at) =>
        Assert.Equal(at, Assert.Throws<GrammarException>(() => JsonSchemaGrammar.Compile(Walk.Json(schema))).At);

    [Fact]
    public void Nesting_ends_where_the_reader_does()
    {
        var grammar = JsonSchemaGrammar.Compile(Walk.Json("{}"));
        foreach (var (depth, fits) in new[] { (64, true), (65, false) }) Assert.Equal(fits, grammar.Accepts(Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth))));
        JsonDocument.Parse(new string('[', 64) + new string(']', 64)).Dispose();
    }

    [Fact]
    public void Json_mode_is_an_object_and_a_choice_is_its_texts()
    {
        Assert.True(Grammar.Json.Accepts("{\"a\":[1,{\"b\":null}]}"u8));
        Assert.False(Grammar.Json.Accepts("[1]"u8));
        var choice = Grammar.OneOf(["yes", "yesterday"]);
        Assert.True(choice.Accepts("yes"u8) && choice.Accepts("yesterday"u8));
        Assert.False(choice.Accepts("yest"u8));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_schema_ends_in_a_grammar_or_an_error(string name)
    {
        var schema = HostileSchemas[name]();
        Grammar grammar;
        try
        {
            using var document = JsonDocument.Parse(schema, new() { MaxDepth = 1_000 });
            grammar = JsonSchemaGrammar.Compile(document.RootElement);
        }
        catch (GrammarException error)
        {
            Assert.NotEmpty(error.Message);
            return;
        }

        Assert.NotEmpty(Walk.Run(new(TestTokenizer.Small), TestTokenizer.Small, grammar, new(1)));
    }

    public static TheoryData<string> Hostile => [.. HostileSchemas.Keys];

    // Definitions that each lead to the next one.
    private static string Chain(int count, Func<int, string, string> link, string last) =>
        "{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + string.Concat(Enumerable.Range(0, count).Select(i => $"\"d{i}\":{link(i, $"{{\"$ref\":\"#/$defs/d{i + 1}\"}}")},")) + $"\"d{count}\":{last}}}}}";

    private static readonly Dictionary<string, Func<string>> HostileSchemas = new(StringComparer.Ordinal)
    {
        ["huge enum"] = () => $$"""{"enum":[{{string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"value {i}\""))}}]}""",
        ["deep nesting"] = () => string.Concat(Enumerable.Repeat("""{"type":"object","properties":{"a":""", 90)) + "{}" + new string('}', 180),
        ["exponential allOf"] = () => $$"""{"allOf":[{{string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""{"anyOf":[{"minLength":{{i}}},{"maxLength":{{i + 100}}}]}"""))}}]}""",
        ["evil pattern"] = () => """{"type":"string","pattern":"^(([a-z]{1,99}){1,99}){1,99}$"}""",
        ["exponential pattern"] = () => """{"type":"string","pattern":"(a|b)*a(a|b){30}"}""",
        ["circle of references"] = () => """{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"allOf":[{"$ref":"#/$defs/a"}]}}}""",
        ["long chain"] = () => Chain(5_000, (i, next) => $"{{\"anyOf\":[{next},{{\"const\":{i}}}]}}", "{}"),
        ["doubling references"] = () => Chain(60, (_, next) => $"{{\"allOf\":[{next},{next}]}}", "{\"type\":\"null\"}"),
        ["many optional properties"] = () => "{\"type\":\"object\",\"properties\":{" + string.Join(',', Enumerable.Range(0, 500).Select(i => $"\"p{i}\":{{}}")) + "}}",
        ["ambiguous recursion"] = () => """{"anyOf":[{"type":"array","items":{"$ref":"#"}},{"type":"array","items":{"$ref":"#"},"maxItems":3},{"type":"array","items":{"$ref":"#"},"maxItems":2}]}""",
        ["huge counts"] = () => """{"type":"array","minItems":3,"maxItems":2000000000,"items":{"type":"string","maxLength":2000000000}}""",
        ["a megabyte of description"] = () => $$"""{"description":"{{new string('x', 1_000_000)}}","type":"null"}""",
    };
}
