using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Microsoft.Extensions.AI;

namespace AgentMesh.Simulation;

/// <summary>A model that says something new each time, so that an answer which is asked for twice shows.</summary>
internal sealed class SimModels(SimWorld world, SimHost life) : IModels, IChatClient
{
    private const string Name = "sim";

    public string? For(ModelNeed need) => Name;

    public IChatClient Client(string model) => this;

    public decimal Cost(string model, long inputTokens, long outputTokens) => 0m;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        world.Checks.OnModelRequest(life, (IReadOnlyList<ChatMessage>)messages, Name);
        var fate = world.Fault(world.Profile.BadModel) ? world.Random.Next(6) : -1;
        await world.Wait(life, TimeSpan.FromSeconds(fate is 0 ? 200 : 1));
        if (!life.IsAlive || fate is 1) await SimWorld.Never.WaitAsync(cancellationToken);
        if (fate is 2) throw new ModelException(ModelErrorKind.Unavailable, "The model broke off.") { TokensMayBeSpent = true };
        if (fate is 3) throw new ModelException(ModelErrorKind.Rejected, "The model refuses.");
        if (fate is 4) throw new TaskCanceledException("The client's own time is up.");
        if (fate is 5) throw new InvalidOperationException("The model's client has a bug.");
        var output = Math.Min(options?.MaxOutputTokens ?? 50, 50);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, $"n{++world.Nonce}"))
        {
            Usage = new UsageDetails { InputTokenCount = 8, OutputTokenCount = output },
        };
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
