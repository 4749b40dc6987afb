using System.Text.RegularExpressions;

namespace AgentMesh.Inference.Templates.ToolCalling;

/// <summary>How a model writes its answer.</summary>
/// <param name="Calls">Null: no calls are looked for.</param>
/// <param name="Reasoning">Tags around what the model thinks before it speaks.</param>
/// <param name="Silent">Tags that say nothing, and are left out.</param>
internal sealed record AnswerFormat(CallSyntax? Calls, IReadOnlyList<(string Open, string Close)> Reasoning, IReadOnlyList<string> Silent);

/// <summary>Knows the families by words of their templates. Control tokens that stand in a format must reach the parser as their text.</summary>
internal static partial class AnswerFormats
{
    public static CallSyntax Fallback { get; } = new JsonCalls("described", ["<tool_call>"], "</tool_call>", Between: "\n");

    private static readonly (string Open, string Close)[] Thoughts =
        [("<think>", "</think>"), ("[THINK]", "[/THINK]"), ("<|START_THINKING|>", "<|END_THINKING|>"), ("<seed:think>", "</seed:think>"), ("<thinking>", "</thinking>")];

    public static AnswerFormat Of(string template)
    {
        bool Has(string word) => template.Contains(word, StringComparison.Ordinal);
        if (Has("<|channel|>"))
        {
            return new AnswerFormat(
                new NamedCalls("harmony", ["to=functions."], "<|message|>", "<|call|>", Clean: n => HarmonyName().Match(n).Value, Written: "{0} <|constrain|>json"),
                [("<|channel|>analysis<|message|>", "<|end|>")],
                ["<|channel|>commentary", "<|channel|>final", "<|message|>", "<|start|>assistant", "<|end|>", "<|return|>", "<|call|>"]);
        }

        var reasoning = Thoughts.Where(t => Has(t.Close)).ToArray();
        var (calls, silent) = Calls(Has);
        return new AnswerFormat(calls, reasoning, silent);
    }

    private static (CallSyntax?, string[]) Calls(Func<string, bool> has)
    {
        if (has("<tool_call>") && has("<function=")) return (new TaggedCalls("qwen-coder", Pairs: false), []);
        if (has("<tool_call>") && has("<arg_key>")) return (new TaggedCalls("glm", Pairs: true), []);
        if (has("<tool_call>")) return (new JsonCalls("hermes", ["<tool_call>"], "</tool_call>", Between: "\n"), []);
        if (has("[TOOL_CALLS]") && has("[ARGS]")) return (new NamedCalls("mistral-args", ["[TOOL_CALLS]"], "[ARGS]", ""), []);
        if (has("[TOOL_CALLS]")) return (new JsonCalls("mistral", ["[TOOL_CALLS]"], Array: true, IdKey: "id"), []);
        if (has("<｜tool▁call▁begin｜>"))
        {
            string[] around = ["<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"];
            return has("```json")
                ? (new NamedCalls("deepseek", ["<｜tool▁call▁begin｜>function<｜tool▁sep｜>"], "\n", "<｜tool▁call▁end｜>", "```json\n", "\n```"), around)
                : (new NamedCalls("deepseek-v3.1", ["<｜tool▁call▁begin｜>"], "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"), around);
        }

        if (has("<|tool_call_begin|>"))
        {
            return (new NamedCalls("kimi", ["<|tool_call_begin|>"], "<|tool_call_argument_begin|>", "<|tool_call_end|>", Clean: n => KimiName().Replace(n.Trim(), "${name}"), Written: "functions.{0}:0"),
                ["<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"]);
        }

        if (has("<|START_ACTION|>")) return (new JsonCalls("command-r7b", ["<|START_ACTION|>"], "<|END_ACTION|>", Array: true, "tool_name", "parameters"), ["<|START_RESPONSE|>", "<|END_RESPONSE|>"]);
        if (has("<|tool_call|>")) return (new JsonCalls("granite", ["<|tool_call|>"], has("<|/tool_call|>") ? "<|/tool_call|>" : "", Array: true), []);
        if (has("functools[")) return (new JsonCalls("firefunction", ["functools"], Array: true), []);
        if (has("<function=")) return (new NamedCalls("functionary", ["<function="], ">", "</function>"), []);
        if (has("<|python_tag|>") || (has("<|start_header_id|>") && has("\"parameters\""))) return (new JsonCalls("llama3", ["{", "<|python_tag|>"], ArgumentsKey: "parameters", StartOnly: true), []);
        return (null, []);
    }

    [GeneratedRegex(@"^[^\s<]*", RegexOptions.None, 1000)]
    private static partial Regex HarmonyName();

    [GeneratedRegex(@"^(functions\.)?(?<name>.*?)(:\d+)?$", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KimiName();
}
