using AgentMesh.Inference.Templates;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.InProcess;

/// <summary>Finds how much of a prompt is its role's: what it has in common with any other task under the same system messages and tools. Safe for use in parallel.</summary>
internal sealed class RolePrompts(ChatTemplate template, PromptTokens prompts)
{
    private const int Kept = 256;
    private static readonly ChatMessage OtherTask = new(ChatRole.User, "?");

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);

    /// <returns>Tokens at the prompt's beginning; 0 where it has no role.</returns>
    public int Length(IReadOnlyList<ChatMessage> messages, IReadOnlyList<AIFunctionDeclaration> tools, IReadOnlyList<int> tokens)
    {
        List<ChatMessage> role = [.. messages.TakeWhile(m => m.Role == ChatRole.System)];
        if (role.Count == 0) return 0;
        var key = string.Join('\n', [.. role.Select(m => m.Text), .. tools.Select(t => t.Name)]);
        lock (_gate)
            if (_known.TryGetValue(key, out var known)) return Math.Min(known, tokens.Count);
        var other = prompts.Of(template.Render([.. role, OtherTask], tools));
        var common = 0;
        while (common < other.Count && common < tokens.Count && other[common] == tokens[common]) common++;
        lock (_gate)
        {
            if (_known.Count >= Kept) _known.Clear();
            _known[key] = common;
        }

        return common;
    }
}
