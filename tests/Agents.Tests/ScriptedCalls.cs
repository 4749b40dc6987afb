using System.Text.Json;
using AgentMesh.Contracts;
using Microsoft.Extensions.AI;

namespace AgentMesh.Agents.Tests;

/// <summary>Models that answer from a script and tools that are functions; writes down everything that was asked.</summary>
internal sealed class ScriptedCalls : IAgentCalls
{
    private readonly Queue<Func<ChatResponse>> answers = new();
    private readonly Dictionary<string, Func<JsonElement, ToolAnswer>> tools = new(StringComparer.Ordinal);
    private int calls;

    public string? Small { get; init; }
    public string? Large { get; init; }

    /// <summary>Model requests as text, each with whether tools were offered.</summary>
    public List<(ModelNeed Need, string Prompt, bool Native)> Asked { get; } = [];

    /// <summary>Everything in order: <c>model</c> or <c>tool {arguments}</c>.</summary>
    public List<string> Log { get; } = [];

    public ScriptedCalls Says(string text) => Says(new ChatMessage(ChatRole.Assistant, text));

    public ScriptedCalls Says(ChatMessage message)
    {
        answers.Enqueue(() => new ChatResponse(message));
        return this;
    }

    public ScriptedCalls Throws(Exception error)
    {
        answers.Enqueue(() => throw error);
        return this;
    }

    public ScriptedCalls Tool(string name, Func<JsonElement, string> result)
    {
        tools[name] = arguments => new ToolAnswer(new CallId($"step/{calls}"), MeshJson.Parse(result(arguments)), null, Trust.Untrusted);
        return this;
    }

    public ScriptedCalls Refuses(string name, string error)
    {
        tools[name] = _ => new ToolAnswer(new CallId($"step/{calls}"), null, error, Trust.Trusted);
        return this;
    }

    public string? ModelFor(ModelNeed need) => need == ModelNeed.Large ? Large : Small;

    public Task<ChatResponse> Ask(ModelNeed need, IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken ct)
    {
        calls++;
        Asked.Add((need, string.Join("\n---\n", messages.Select(Show)), options?.Tools is { Count: > 0 }));
        Log.Add($"model {need}");
        return answers.Count > 0 ? Task.FromResult(answers.Dequeue()()) : throw new InvalidOperationException("The script has no further answer.");
    }

    public Task<ToolAnswer> Call(string tool, JsonElement arguments, CancellationToken ct)
    {
        calls++;
        Log.Add($"{tool} {arguments.GetRawText()}");
        return Task.FromResult(tools.TryGetValue(tool, out var run) ? run(arguments) : new ToolAnswer(new CallId($"step/{calls}"), null, $"This mesh has no tool {tool}.", Trust.Trusted));
    }

    private static string Show(ChatMessage message) =>
        $"{message.Role}: {string.Join(" ", message.Contents.Select(content => content switch { TextContent text => text.Text, FunctionResultContent result => result.Result?.ToString(), _ => content.GetType().Name }))}";
}
