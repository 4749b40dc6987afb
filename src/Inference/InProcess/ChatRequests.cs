using System.Globalization;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.Sampling;
using AgentMesh.Inference.Templates;
using AgentMesh.Inference.Templates.Jinja;
using AgentMesh.Inference.Templates.ToolCalling;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.InProcess;

/// <summary>Makes of a conversation what the decode loop is to generate, and the reader of its answer.</summary>
/// <param name="cells">Tokens of prompt and answer together, at most.</param>
/// <param name="maxOutput">Tokens an answer may have where the caller sets no limit.</param>
/// <param name="seeds">For requests that name none.</param>
internal sealed class ChatRequests(string model, ChatTemplate template, PromptTokens prompts, ChatGrammars grammars, int cells, int maxOutput, Func<long> seeds)
{
    /// <summary>An answer shorter than this is of no use: the prompt is too long.</summary>
    private const int LeastAnswer = 16;

    private readonly RolePrompts _roles = new(template, prompts);

    public string Model => model;

    /// <exception cref="ModelException">With <see cref="ModelErrorKind.Rejected"/>: this model cannot answer such a request.</exception>
    public (GenerationRequest Request, AnswerParser Parser) Of(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        try
        {
            var sent = Conversation(messages, options);
            IReadOnlyList<AIFunctionDeclaration> tools = options?.ToolMode is NoneChatToolMode ? [] : [.. (options?.Tools ?? []).OfType<AIFunctionDeclaration>()];
            var prompt = template.Render(sent, tools);
            var held = tools.Count == 0 ? Schema(options) : Call(tools, options, prompt.Reasoning);
            // The schema holds from the first token on, where a thought would begin.
            if (held is not null) prompt = prompt.WithoutThought();
            var tokens = prompts.Of(prompt);
            var sampling = SamplerOptions.From(options);
            var chooser = new GrammarChooser(new Sampler(sampling, sampling.Seed ?? seeds()), held);
            return (new GenerationRequest(tokens, Limit(tokens.Count, options), chooser) { Pinned = _roles.Length(sent, tools, tokens) },
                template.Parser(prompt, tools, sent.Count.ToString(CultureInfo.InvariantCulture)));
        }
        catch (TemplateException e)
        {
            throw new ModelException(ModelErrorKind.Rejected, $"{model}'s chat template cannot write this conversation: {e.Message}", e);
        }
        catch (ArgumentException e)
        {
            throw new ModelException(ModelErrorKind.Rejected, e.Message, e);
        }
    }

    private static List<ChatMessage> Conversation(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        List<ChatMessage> sent = [.. messages];
        if (options?.Instructions is { Length: > 0 } instructions) sent.Insert(0, new ChatMessage(ChatRole.System, instructions));
        return sent;
    }

    /// <summary>Whether nothing but a call is of use to the caller.</summary>
    private static bool Calls(ChatOptions? options) => options?.ToolMode is RequiredChatToolMode || ModelHints.ExpectsCall(options);

    private HeldAnswer? Schema(ChatOptions? options) => grammars.For(options) is { } state ? new HeldAnswer([], state, []) : null;

    /// <exception cref="ModelException">A schema is asked for, too.</exception>
    private HeldAnswer? Call(IReadOnlyList<AIFunctionDeclaration> tools, ChatOptions? options, bool reasoning)
    {
        // A model may think before it calls, if it does; a grammar would forbid that.
        if (Calls(options)) return reasoning ? null : grammars.Call(template.Grammar(Callable(tools, options)));
        // Held to the schema it could call nothing, and not held to it the schema would be a wish.
        return options?.ResponseFormat is not ChatResponseFormatJson ? null : throw new ModelException(
            ModelErrorKind.Rejected, $"{model} cannot be held to a schema while it is free to call tools: set the tool mode to None for the answer or to Required for a call, or leave out the tools or the schema.")
        { Unsupported = ModelFeature.JsonSchema };
    }

    private static IReadOnlyList<AIFunctionDeclaration> Callable(IReadOnlyList<AIFunctionDeclaration> tools, ChatOptions? options) =>
        options?.ToolMode is RequiredChatToolMode { RequiredFunctionName: { } name } ? [.. tools.Where(t => t.Name == name)] : tools;

    private int Limit(int prompt, ChatOptions? options)
    {
        var asked = options?.MaxOutputTokens ?? maxOutput;
        if (asked < 1) throw new ArgumentException($"An answer of {asked} tokens cannot be; ask for 1 at least.", nameof(options));
        var room = cells - prompt;
        if (room >= Math.Min(asked, LeastAnswer)) return Math.Min(asked, room);
        throw new ModelException(ModelErrorKind.Rejected, new PromptTooLongException(prompt, asked, cells).Message);
    }
}
