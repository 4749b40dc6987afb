using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains.Placement;
using AgentMesh.Grains.Streams;
using AgentMesh.Runtime;
using Orleans.Concurrency;

namespace AgentMesh.Grains.Agents;

/// <summary>
/// An agent: of a goal (key <c>goal/role/n</c>), where it takes orders and runs attempts, or called directly under any key. What a goal's agent
/// needs to know is in the goal's journal; only an agent that was told to remember has memory of its own.
/// </summary>
[Reentrant, RunsOn("agents"), PlacedNearby]
internal abstract class AgentGrain(string? role, AgentHosting hosting) : Grain, IAgentGrain, IStreamConsumer<AgentOrder>
{
    // Longer than any attempt: an agent at work is not idle, whatever calls it gets.
    private static readonly TimeSpan AtWork = TimeSpan.FromDays(1);
    private AgentDriver? driver;
    private GoalId goal;
    private AgentMemory? memory;
    private TaskScheduler? scheduler;

    /// <summary>The role of a directly called agent.</summary>
    private string Role => role ?? this.GetPrimaryKeyString().Split('/')[0];

    public async Task Receive(AgentOrder item)
    {
        scheduler ??= TaskScheduler.Current;
        driver ??= hosting.Driver(goal = item.Goal, Rest);
        if (item.Stop is { } reason)
        {
            await driver.Stop(item.Step, item.Attempt, reason);
            return;
        }

        DelayDeactivation(AtWork);
        driver.Assign(item.Tenant, item.Step, item.Attempt, item.Sequence, item.Known?.Take());
    }

    public async Task<AgentAnswer> Run(AgentRequest request, IAgentObserver? progress = null, CancellationToken ct = default)
    {
        var result = await hosting.Direct.Run(
            new DirectWork(Role, this.GetPrimaryKeyString(), request.Instruction, request.Produces, request.Inputs, request.Tenant, request.Deadline, await Notes()),
            progress is null ? null : (what, name, seconds, error) => _ = progress.Called(what, name, seconds, error), ct);
        return new AgentAnswer(result.Value, result.Confidence, result.Tier, result.Why);
    }

    public async Task Remember(string topic, string? note)
    {
        memory ??= await hosting.Memories.Load(this.GetGrainId());
        await memory.Set(topic, note);
    }

    public Task<IReadOnlyDictionary<string, string>> Recall() => Notes();

    /// <summary>Waits for attempts that are under way, so that a draining silo repeats none of them.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (driver is null) return;
        using var drain = new CancellationTokenSource(hosting.DrainPatience, hosting.Time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(drain.Token, cancellationToken, hosting.GivenUp);
        if ((await driver.Close(patience.Token)).Count > 0) hosting.OrderAnew(goal);
    }

    // In a turn of the grain: an order that came in meanwhile keeps it.
    private void Rest() => _ = Task.Factory.StartNew(
        () =>
        {
            if (driver!.IsIdle) DeactivateOnIdle();
        },
        CancellationToken.None, TaskCreationOptions.None, scheduler!);

    protected async Task<IReadOnlyDictionary<string, string>> Notes() => (memory ??= await hosting.Memories.Load(this.GetGrainId())).Notes;
}

[GrainType(GrainTypes.Classifier)]
internal sealed class ClassifierGrain(AgentHosting hosting) : AgentGrain("classifier", hosting), IClassifierGrain
{
    public async Task<Classification> Classify(ClassifyRequest request, CancellationToken ct = default)
    {
        var answer = await Run(DirectShapes.ToClassify(request), null, ct);
        return DirectShapes.Classification(answer);
    }
}

[GrainType(GrainTypes.Retriever)]
internal sealed class RetrieverGrain(AgentHosting hosting, IKnowledge knowledge) : AgentGrain("retriever", hosting), IRetrieverGrain
{
    public async Task<IReadOnlyList<RetrievedPassage>> Retrieve(RetrieveRequest request, CancellationToken ct = default) =>
        [.. (await knowledge.Search(request.Tenant, request.Collections, request.Query, Math.Clamp(request.Limit, 1, 50), ct))
            .Select(p => new RetrievedPassage(p.Collection, p.Document, p.Title, p.Start, p.End, p.Text, p.Score))];
}

[GrainType(GrainTypes.Analyst)]
internal sealed class AnalystGrain(AgentHosting hosting) : AgentGrain("analyst", hosting), IAnalystGrain;

[GrainType(GrainTypes.Writer)]
internal sealed class WriterGrain(AgentHosting hosting) : AgentGrain("writer", hosting), IWriterGrain;

/// <summary>Agents of roles that users added.</summary>
[GrainType(GrainTypes.Role)]
internal sealed class RoleGrain(AgentHosting hosting) : AgentGrain(null, hosting), IRoleGrain;
