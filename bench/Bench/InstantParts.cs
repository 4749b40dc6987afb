using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Bench;

/// <summary>What an engine needs of its host, all of it answering at once.</summary>
internal sealed record InstantParts(MeshCatalogue Catalogue, Toolbox Toolbox, PlanRunner Planner, StepRunner Steps)
{
    /// <param name="more">Roles besides the worker.</param>
    public static InstantParts Create(params RoleDescriptor[] more)
    {
        RoleDescriptor[] roles = [new() { Name = "worker", Purpose = "Works.", Tools = ["bench.echo"] }, .. more];
        var toolbox = new Toolbox([new InstantTool()]);
        var catalogue = MeshCatalogue.Empty with { Roles = roles.ToDictionary(r => r.Name, StringComparer.Ordinal), Tools = toolbox.Descriptors };
        return new InstantParts(
            catalogue, toolbox, new PlanRunner(new InstantPlanner(), catalogue),
            new StepRunner(
                new InstantAgent(), toolbox, new InstantModel(), new NoContent(), catalogue, new RuntimeOptions(), TimeProvider.System, NullLogger<StepRunner>.Instance));
    }
}

/// <summary>A model that answers at once.</summary>
internal sealed class InstantModel : IModels, IChatClient
{
    public string? For(ModelNeed need) => "instant";

    public IChatClient Client(string model) => this;

    public decimal Cost(string model, long inputTokens, long outputTokens) => 0m;

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "{\"tool\":\"lookup\",\"arguments\":{\"query\":\"Work out part 1 of: Do the four parts.\"}}")));

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}

/// <summary>A tool that returns at once.</summary>
internal sealed class InstantTool : ITool
{
    private static readonly ToolResult Result = new(MeshJson.Parse("""{"found":true,"text":"Answer to Work out part 1 of: Do the four parts."}"""));

    public ToolDescriptor Descriptor { get; } = new()
    {
        Name = "bench.echo", Description = "Returns at once.", Effect = ToolEffect.Pure, Returns = Trust.Trusted,
        Parameters = MeshJson.Parse("""{"type":"object","properties":{"query":{"type":"string"}}}"""),
    };

    public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct) => Task.FromResult(Result);
}

/// <summary>One model call and one tool call, then done.</summary>
internal sealed class InstantAgent : IAgent
{
    private static readonly System.Text.Json.JsonElement Arguments = MeshJson.Parse("""{"query":"Work out part 1 of: Do the four parts."}""");
    private static readonly System.Text.Json.JsonElement Value = MeshJson.Parse("""{"found":true,"text":"Answer to Work out part 1 of: Do the four parts."}""");

    public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
    {
        var response = await calls.Ask(ModelNeed.Small, [new ChatMessage(ChatRole.User, work.Step.Instruction)], null, ct);
        await calls.Call("bench.echo", Arguments, ct);
        return new StepOutcome.Completed(Value, 1, response.ModelId ?? "instant", Rationale.Because("Done."));
    }
}

/// <summary>The same four steps in a row for every goal; texts of the same length as in bench/baselines/goal.mjs.</summary>
internal sealed class InstantPlanner : IPlanner
{
    private static readonly PlanStep[] Steps =
    [
        .. Enumerable.Range(1, 4).Select(n => new PlanStep
        {
            Id = new StepId($"step-{n}"), Role = "worker", Instruction = $"Work out part {n} of: Do the four parts.", Produces = "document",
            Inputs = n == 1 ? [] : [new ArtifactId($"step-{n - 1}")],
        }),
    ];

    public Task<PlanMade> Plan(PlanRequest request, GoalBudget budget, CancellationToken ct) => Task.FromResult(new PlanMade(PlanAtOnce(request), [], null));

    public Plan? PlanAtOnce(PlanRequest request) => new()
    {
        Version = request.Version, Steps = Steps, Deliver = [new ArtifactId("step-4")], Proposer = "bench", Why = Rationale.Because("It is always the same."),
    };
}

/// <summary>Nothing here is large enough to need it.</summary>
internal sealed class NoContent : IContentStore
{
    public Task<ContentRef> Put(ReadOnlyMemory<byte> content, string mediaType, CancellationToken ct) => throw new NotSupportedException();

    public Task<ReadOnlyMemory<byte>> Get(ContentRef content, CancellationToken ct) => throw new NotSupportedException();
}
