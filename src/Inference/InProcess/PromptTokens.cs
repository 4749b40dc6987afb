using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Templates;

namespace AgentMesh.Inference.InProcess;

/// <summary>Cuts prompts into tokens: the template's control tokens become such, a message that spells one out does not.</summary>
internal sealed class PromptTokens(LlamaTokenizer tokenizer)
{
    private readonly string[] _control = [.. Enumerable.Range(0, tokenizer.Size).Where(tokenizer.IsControl).Select(tokenizer.Name)];

    public IReadOnlyList<int> Of(ChatPrompt prompt)
    {
        List<int> tokens = [];
        foreach (var (text, special) in prompt.CutAt(_control))
            tokens.AddRange(tokenizer.Tokenize(text, special, start: tokens.Count == 0 && !prompt.StartsWithToken));
        return tokens;
    }
}
