using System.Text.Json;
using AgentMesh.Inference.OpenAi;
using AgentMesh.Inference.Templates.ToolCalling;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests.Templates;

public sealed class AnswerParserTests
{
    private static readonly AIFunctionDeclaration[] Tools =
        [AIFunctionFactory.CreateDeclaration("f", "F.", JsonDocument.Parse("""{"type":"object","properties":{"a":{"type":"integer"},"s":{"type":"string"},"r":{"$ref":"#/$defs/x"}}}""").RootElement.Clone())];

    /// <summary>Words of a template by which its family is known.</summary>
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["hermes"] = "<tool_call> <think></think>",
        ["coder"] = "<tool_call><function=",
        ["glm"] = "<tool_call><arg_key>",
        ["llama"] = "<|start_header_id|> \"parameters\" <|python_tag|>",
        ["mistral"] = "[TOOL_CALLS] [/THINK]",
        ["args"] = "[TOOL_CALLS] [ARGS]",
        ["deepseek"] = "<｜tool▁call▁begin｜> ```json </think>",
        ["deepseek3"] = "<｜tool▁call▁begin｜>",
        ["kimi"] = "<|tool_call_begin|>",
        ["command"] = "<|START_ACTION|> <|END_THINKING|>",
        ["granite"] = "<|tool_call|>",
        ["phi"] = "<|tool_call|><|/tool_call|>",
        ["functionary"] = "<function=",
        ["fire"] = "functools[",
        ["harmony"] = "<|channel|>",
    };

    public static TheoryData<string, string, string> Answers => new()
    {
        { "hermes", "<think>\nhm\n</think>\n\nLet me see.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1, \"s\": \"</tool_call>}\"}}\n</tool_call>\n<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>", "(hm)Let me see.[f a=1 s=</tool_call>}][f]" },
        { "hermes", "a < b <tool b", "a < b <tool b" },
        { "hermes", "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1, \"a\": 2}}</tool_call> so", "!<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1, \"a\": 2}}</tool_call>!so" },
        { "hermes", "<tool_call>nonsense</tool_call>ok", "!<tool_call>nonsense</tool_call>!ok" },
        { "hermes", "x <tool_call>{\"name\": \"f\"", "x!<tool_call>{\"name\": \"f\"!" },
        { "hermes", "I say <think> here", "I say <think> here" },
        { "hermes", "<think>never ends", "(never ends)" },
        { "coder", "Ok.\n<tool_call>\n<function=f>\n<parameter=a>\n1\n</parameter>\n<parameter=s>\n12\nb\n</parameter>\n</function>\n</tool_call>", "Ok.[f a=1 s=12\nb]" },
        { "coder", "<tool_call>\n<function>\n</tool_call>", "!<tool_call>\n<function>\n</tool_call>!" },
        { "glm", "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n<arg_key>s</arg_key>\n<arg_value>2</arg_value>\n</tool_call>", "[f a=1 s=2]" },
        { "llama", "{\"name\": \"f\", \"parameters\": {\"a\": 1}}", "[f a=1]" },
        { "llama", "<|python_tag|>{\"type\": \"function\", \"name\": \"f\", \"parameters\": {\"a\": \"1\"}}", "[f a=1]" },
        { "llama", "{\"answer\": 42}", "{\"answer\": 42}" },
        { "llama", "Write {\"name\": \"f\"}", "Write {\"name\": \"f\"}" },
        { "mistral", "[THINK]hm[/THINK]Sure.[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"a\": 1}, \"id\": \"abc123def\"}]", "(hm)Sure.[f a=1]" },
        { "args", "[TOOL_CALLS]f[ARGS]{\"a\": 1}[TOOL_CALLS]f[ARGS]{}", "[f a=1][f]" },
        { "deepseek", "<think>a</think>b<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": 1}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "(a)b[f a=1][f]" },
        { "deepseek3", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{\"a\": 1}<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "[f a=1]" },
        { "kimi", "Hi<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{\"a\": 1}<|tool_call_end|><|tool_calls_section_end|>", "Hi[f a=1]" },
        { "command", "<|START_THINKING|>I will<|END_THINKING|><|START_ACTION|>[\n {\"tool_call_id\": \"0\", \"tool_name\": \"f\", \"parameters\": {\"a\": 1}}\n]<|END_ACTION|>", "(I will)[f a=1]" },
        { "command", "<|START_RESPONSE|>Hello<|END_RESPONSE|>", "Hello" },
        { "granite", "<|tool_call|>[{\"name\": \"f\", \"arguments\": {\"a\": 1}}, {\"name\": \"f\", \"arguments\": {}}]", "[f a=1][f]" },
        { "phi", "<|tool_call|>[{\"name\": \"f\", \"arguments\": {\"a\": 1}}]<|/tool_call|>", "[f a=1]" },
        { "functionary", "<function=f>{\"a\": 1}</function>", "[f a=1]" },
        { "functionary", "<function=f>[1]</function> z", "!<function=f>[1]</function>!z" },
        { "fire", " functools[{\"name\": \"f\", \"arguments\": {\"a\": 1}}]", "[f a=1]" },
        { "harmony", "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{\"a\": 1}<|call|>", "(hm)[f a=1]" },
        { "harmony", "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Hello.<|return|>", "(hm)Hello." },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_is_read_the_same_however_it_is_cut(string family, string answer, string expected)
    {
        Assert.Equal(expected, Read(family, [answer]));
        Assert.Equal(expected, Read(family, answer.Select(c => c.ToString())));
        for (var i = 1; i < answer.Length; i++) Assert.Equal(expected, Read(family, [answer[..i], answer[i..]]));
    }

    [Fact]
    public void Random_answers_are_read_the_same_however_they_are_cut()
    {
        string[] words = ["<tool_call>", "</tool_call>", "<think>", "</think>", "{\"name\": \"f\", \"arguments\": {\"a\": 1}}", "{\"name\": \"f\", \"parameters\": {}}", "{", "}", "[", "]", "\"", "\\", "text", " ", "\n", "<", "<function=f>", "</function>", "<parameter=a>", "</parameter>",
            "[TOOL_CALLS]", "[ARGS]", "f", "<|tool_call|>", "<|python_tag|>", "<|channel|>", "analysis", "final", "<|message|>", "<|end|>", "to=functions.", "<|call|>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>", "🎉", ":", "name"];
        var answers =
            from answer in Gen.Elements(words).ListOf()
            from family in Gen.Elements(Words.Keys.ToArray())
            from cuts in Gen.Choose(1, 5).ListOf()
            select (Text: string.Concat(answer), Family: family, Cuts: cuts.ToArray());
        Prop.ForAll(answers.ToArbitrary(), x => Assert.Equal(Read(x.Family, [x.Text]), Read(x.Family, Cut(x.Text, x.Cuts)))).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(30));
    }

    [Fact]
    public void Text_is_given_at_once_and_only_a_possible_tag_held_back()
    {
        var parser = Parser("hermes");
        Assert.Equal("Hello", Show(parser.Feed("Hello")));
        Assert.Equal("", Show(parser.Feed(" <tool")));
        Assert.Equal(" <tools", Show(parser.Feed("s")));
        Assert.Equal("", Show(parser.Feed("\n<tool_call>{\"name\": \"f\", \"arguments\": {}}")));
        Assert.False(parser.CalledTools);
        var call = Assert.IsType<FunctionCallContent>(Assert.Single(parser.Feed("</tool_call>")));
        Assert.Equal("call_t_0", call.CallId);
        Assert.True(parser.CalledTools);
        Assert.Empty(parser.Finish());
    }

    [Fact]
    public void A_broken_call_says_why()
    {
        const string Text = "<tool_call>{\"arguments\": {}}</tool_call>";
        var call = Assert.IsType<FunctionCallContent>(Assert.Single(Parser("hermes").Feed(Text)));
        Assert.Contains("'name' is missing", call.Exception!.Message, StringComparison.Ordinal);
        Assert.Equal(("call_t_0", "", Text), (call.CallId, call.Name, call.AdditionalProperties![ToolCalls.RawArguments]));
    }

    [Fact]
    public void Without_tools_calls_are_text()
    {
        var parser = new AnswerParser(AnswerFormats.Of(Words["hermes"]) with { Calls = null }, [], thoughtEnd: "</think>", "t");
        Assert.Equal("(a)<tool_call>{}", Show([.. parser.Feed("a</think><tool_call>{}"), .. parser.Finish()]));
    }

    public static TheoryData<string, string, string> Grammars => new()
    {
        { "hermes", "<tool_call>\n", "\n</tool_call>" },
        { "llama", "", "" },
        { "mistral", "[TOOL_CALLS][", "]" },
        { "args", "[TOOL_CALLS]f[ARGS]", "" },
        { "deepseek", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n", "\n```<｜tool▁call▁end｜>" },
        { "kimi", "<|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>", "<|tool_call_end|>" },
        { "phi", "<|tool_call|>[", "]<|/tool_call|>" },
        { "functionary", "<function=f>", "</function>" },
        { "harmony", "to=functions.f <|constrain|>json<|message|>", "<|call|>" },
    };

    [Theory]
    [MemberData(nameof(Grammars))]
    public void What_a_grammar_writes_the_parser_reads(string family, string before, string after)
    {
        var grammar = AnswerFormats.Of(Words[family]).Calls!.Grammar(Tools)!;
        var shape = Assert.Single(grammar.Calls);
        Assert.Equal((before, after), (shape.Before, shape.After));
        var named = shape.Schema.GetProperty("properties").TryGetProperty("name", out var name);
        var key = family == "llama" ? "parameters" : "arguments";
        var json = named ? $$$"""{"name":"f","{{{key}}}":{"a":1}}""" : """{"a":1}""";
        Assert.StartsWith(grammar.Triggers[0], before + json, StringComparison.Ordinal);
        Assert.Equal("[f a=1]", Read(family, [before + json + after]));
        if (!named) return;
        Assert.Equal("f", name.GetProperty("const").GetString());
        Assert.Equal($"#/properties/{key}/$defs/x", shape.Schema.GetProperty("properties").GetProperty(key).GetProperty("properties").GetProperty("r").GetProperty("$ref").GetString());
    }

    private static AnswerParser Parser(string family) => new(AnswerFormats.Of(Words[family]), Tools, thoughtEnd: null, "t");

    private static string Read(string family, IEnumerable<string> pieces)
    {
        var parser = Parser(family);
        return Show([.. pieces.SelectMany(parser.Feed).ToList(), .. parser.Finish()]);
    }

    private static IEnumerable<string> Cut(string text, int[] sizes)
    {
        for (var (at, i) = (0, 0); at < text.Length; i++)
        {
            var size = Math.Min(sizes.Length == 0 ? 1 : sizes[i % sizes.Length], text.Length - at);
            yield return text.Substring(at, size);
            at += size;
        }
    }

    private static string Show(IEnumerable<AIContent> contents) => string.Concat(contents.Select(c => c switch
    {
        FunctionCallContent { Exception: not null } broken => $"!{broken.AdditionalProperties![ToolCalls.RawArguments]}!",
        TextContent text => text.Text,
        TextReasoningContent thought => $"({thought.Text})",
        FunctionCallContent call => $"[{call.Name}{string.Concat(call.Arguments!.Select(a => $" {a.Key}={a.Value}"))}]",
        _ => "?",
    })).Replace(")(", "", StringComparison.Ordinal);
}
