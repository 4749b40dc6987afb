using AgentMesh.Inference.Templates.Jinja;
using AgentMesh.Inference.Templates.ToolCalling;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Templates;

/// <param name="StartToken">The model's start token as written; templates know it as bos_token.</param>
/// <param name="EndToken">The model's end token as written; templates know it as eos_token.</param>
/// <param name="Switches">What a template lets its user choose, such as <c>enable_thinking</c>; null: what the template does by itself.</param>
/// <param name="Limits">Null: <see cref="TemplateLimits.Default"/>.</param>
/// <param name="Time">For templates that write the date; null: the system's.</param>
public sealed record ChatTemplateOptions(
    string StartToken = "", string EndToken = "", IReadOnlyDictionary<string, bool>? Switches = null, TemplateLimits? Limits = null, TimeProvider? Time = null);

/// <summary>
/// A model's own chat template: makes the prompt of a conversation, and knows how the model writes its answer. What it has no words for (a system message, tools)
/// is said in words that it has: see <see cref="TurnFallbacks"/>. Safe for use in parallel.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>ChatML, for models that bring no template.</summary>
    public const string ChatMl =
        "{%- for message in messages -%}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endfor -%}"
        + "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}";

    private readonly JinjaTemplate _template;
    private readonly ChatTemplateOptions _options;
    private readonly TemplateLimits _limits;
    private readonly TimeProvider _time;
    private readonly TemplateTraits _traits;
    private readonly AnswerFormat _format;

    /// <param name="source">The template's text, as tokenizer.chat_template of a GGUF has it; null or empty: <see cref="ChatMl"/>.</param>
    /// <exception cref="TemplateException">It is no template, or it cannot write the simplest conversation.</exception>
    public ChatTemplate(string? source, ChatTemplateOptions? options = null)
    {
        source = string.IsNullOrWhiteSpace(source) ? ChatMl : source;
        _options = options ?? new ChatTemplateOptions();
        _limits = _options.Limits ?? TemplateLimits.Default;
        _time = _options.Time ?? TimeProvider.System;
        _template = JinjaTemplate.Parse(source);
        var family = AnswerFormats.Of(source);
        _traits = new TraitProbe((turns, tools, traits) => Write(turns, tools, traits, generate: false).Value).Learn(family.Calls is not null);
        _format = _traits.Tools ? family : family with { Calls = AnswerFormats.Fallback };
    }

    /// <summary>The template itself takes tools; otherwise they are described in the system text.</summary>
    public bool OwnTools => _traits.Tools;

    /// <summary>The template itself takes a system message; otherwise its text goes in front of the first user message.</summary>
    public bool OwnSystem => _traits.System;

    /// <summary>How the model's calls are written: a word for logs.</summary>
    public string CallFormat => _format.Calls!.Name;

    /// <param name="generate">The prompt ends where the assistant's answer begins.</param>
    /// <exception cref="TemplateException">The template refused the conversation, left out a message, or failed.</exception>
    public ChatPrompt Render(IReadOnlyList<ChatMessage> messages, IReadOnlyList<AIFunctionDeclaration>? tools = null, bool generate = true)
    {
        var (text, missing) = Write(messages, tools ?? [], _traits, generate);
        // Some templates write a system message only where the last message is the user's.
        if (missing?.Role == "system" && _traits.System) (text, missing) = Write(messages, tools ?? [], _traits with { System = false, LateSystem = false }, generate);
        if (missing is not null) throw new TemplateException($"it leaves out the {missing.Role} message \"{Start(missing.Text.Value)}\"; use another model, or give the model a template that writes it.", 0, 0);
        return new ChatPrompt(Segments(text),
            _options.StartToken.Length > 0 && text.Value.StartsWith(_options.StartToken, StringComparison.Ordinal) && !text[0],
            generate ? ThoughtEnd(text) : null);
    }

    /// <summary>Of the thought that the template itself began at the very end.</summary>
    private string? ThoughtEnd(MarkedText text)
    {
        var said = text.Value.TrimEnd();
        return said.Length == 0 || text[said.Length - 1] ? null : _format.Reasoning.FirstOrDefault(r => said.EndsWith(r.Open, StringComparison.Ordinal)).Close;
    }

    /// <summary>Reads the answer to a prompt.</summary>
    /// <param name="tools">Those of the prompt; without any, calls are not looked for.</param>
    /// <param name="turn">Makes the ids of calls; unique among the turns of one conversation.</param>
    public AnswerParser Parser(ChatPrompt prompt, IReadOnlyList<AIFunctionDeclaration>? tools, string turn) =>
        new(tools is { Count: > 0 } ? _format : _format with { Calls = null }, tools ?? [], prompt.ThoughtEnd, turn);

    /// <summary>What the text of a call must obey, for constrained decoding.</summary>
    /// <returns>Null where the family's calls are no JSON: they are only parsed.</returns>
    public ToolCallGrammar? Grammar(IReadOnlyList<AIFunctionDeclaration> tools) => tools.Count == 0 ? null : _format.Calls!.Grammar(tools);

    /// <returns>The prompt, and the first message that is not in it.</returns>
    private (MarkedText Text, Turn? Missing) Write(IReadOnlyList<ChatMessage> messages, IReadOnlyList<AIFunctionDeclaration> tools, TemplateTraits traits, bool generate)
    {
        if (messages.Count == 0) throw new TemplateException("the conversation has no message; give one at least.", 0, 0);
        var fitted = Explained(() => TurnFallbacks.Fit(Turn.Of(messages), tools, traits, new Meter(_limits, _time)));
        var text = Explained(() => Write(fitted, traits.Tools ? tools : [], traits, generate));
        return (text, fitted.FirstOrDefault(t => t.Role is "user" or "system" && !Holds(text.Value, t.Text.Value)));
    }

    private static string Start(string text) => text.Length > 40 ? text[..40] + "…" : text;

    private MarkedText Write(IReadOnlyList<Turn> turns, IReadOnlyList<AIFunctionDeclaration> tools, TemplateTraits traits, bool generate)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["messages"] = TurnValues.Messages(turns, traits),
            ["tools"] = TurnValues.Tools(tools),
            ["documents"] = null,
            ["add_generation_prompt"] = generate,
            ["bos_token"] = MarkedText.Own(_options.StartToken),
            ["eos_token"] = MarkedText.Own(_options.EndToken),
        };
        foreach (var (name, value) in _options.Switches ?? new Dictionary<string, bool>(StringComparer.Ordinal)) values[name] = value;
        return _template.Render(values, _limits, _time);
    }

    private static T Explained<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (EvaluationException e)
        {
            throw new TemplateException(e.Message, 0, 0);
        }
        catch (TemplateException e) when (e.Refused)
        {
            throw new TemplateException($"it refuses the conversation: \"{e.Problem.Trim()}\" Change the messages accordingly, or give the model another template.", e.Line, e.Column, refused: true);
        }
    }

    /// <summary>Templates trim and escape, and take out switches such as /no_think: the text's start or its end is enough.</summary>
    private static bool Holds(string prompt, string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0) return true;
        var (first, last) = (lines[0], lines[^1]);
        return prompt.Contains(first[..Math.Min(first.Length, 8)], StringComparison.Ordinal) || prompt.Contains(last[^Math.Min(last.Length, 8)..], StringComparison.Ordinal);
    }

    private static List<PromptSegment> Segments(MarkedText text)
    {
        List<PromptSegment> segments = [];
        for (var i = 0; i < text.Length;)
        {
            var end = text.Uniform ? text.Length : i + 1;
            while (end < text.Length && text[end] == text[i]) end++;
            segments.Add(new PromptSegment(text.Value[i..end], Special: !text[i]));
            i = end;
        }

        return segments;
    }
}
