using System.Text.Json;
using AgentMesh.Contracts;
using Microsoft.Extensions.AI;

namespace AgentMesh.Agents.Loop;

/// <summary>Passes calls on and remembers which were made: results cite them, and a tier that changed the world is not followed by another that would do so again.</summary>
internal sealed class ObservedCalls(IAgentCalls inner, IReadOnlyList<ToolDescriptor> tools) : IAgentCalls
{
    private readonly List<(string Tool, string Arguments, CallId Call)> made = [];

    /// <summary>A tool with an effect was asked for; whether it ran or was refused, it must not be asked for again by another tier.</summary>
    public bool EffectTried { get; private set; }

    /// <summary>Questions of models whose answers were handed back to them.</summary>
    public HashSet<string> AnswersUsed { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> CallIds => made.Select(call => call.Call.Value);

    public CallId? Earlier(string tool, JsonElement arguments)
    {
        var text = arguments.GetRawText();
        foreach (var call in made)
            if (call.Tool == tool && call.Arguments == text) return call.Call;
        return null;
    }

    public string? ModelFor(ModelNeed need) => inner.ModelFor(need);

    public Task<ChatResponse> Ask(ModelNeed need, IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken ct) =>
        inner.Ask(need, messages, options, ct);

    /// <summary>Asks for a tool that the step does not have: nothing runs, and the refusal with its reason becomes a fact of the goal.</summary>
    public Task<ToolAnswer> AskInVain(string tool, JsonElement arguments, CancellationToken ct) => inner.Call(tool, arguments, ct);

    public async Task<ToolAnswer> Call(string tool, JsonElement arguments, CancellationToken ct)
    {
        var descriptor = tools.FirstOrDefault(known => known.Name == tool);
        if (descriptor is null or { Effect: not ToolEffect.Pure }) EffectTried = true;
        var answer = await inner.Call(tool, arguments, ct);
        made.Add((tool, arguments.GetRawText(), answer.Call));
        return answer;
    }
}
