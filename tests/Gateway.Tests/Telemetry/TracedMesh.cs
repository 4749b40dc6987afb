using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Local;
using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;
using AgentMesh.Runtime.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Gateway.Tests.Telemetry;

/// <summary>A single-process mesh whose agent asks a model, calls a tool and waits for its release; what is private goes through all of them.</summary>
internal sealed class TracedMesh : IAsyncDisposable
{
    /// <summary>What nobody may find in any telemetry.</summary>
    public const string Email = "canary.person@example.org", Attachment = "canary-attachment-7f3a", Key = "sk-canary0123456789abcdefABCDEF", Prompt = "canary-prompt-words";

    /// <summary>What the model answers.</summary>
    public const string Reply = "canary-answer-words";

    private readonly LocalEngine engine;

    public TracedMesh(InMemoryJournal journal, ILoggerFactory loggers, Task released, TelemetryOptions? telemetry = null)
    {
        var tool = new SendNote();
        var catalogue = MeshCatalogue.Empty with
        {
            Roles = new Dictionary<string, RoleDescriptor>(StringComparer.Ordinal) { ["writer"] = new() { Name = "writer", Purpose = "writes", Tools = ["note.send"] } },
            Tools = new Dictionary<string, ToolDescriptor>(StringComparer.Ordinal) { ["note.send"] = tool.Descriptor },
        };
        var options = new RuntimeOptions { Telemetry = telemetry ?? new TelemetryOptions() };
        var log = loggers.CreateLogger<StepRunner>();
        engine = new LocalEngine(
            new LocalOptions(), journal,
            host => new GoalWork(
                host, new PlanRunner(new OneStep(), catalogue, options.Telemetry),
                new LocalAttempts(
                    host, new StepRunner(new Writer(released, log), new Toolbox([tool]), new OneModel(), null!, catalogue, options, TimeProvider.System, log), loggers.CreateLogger<LocalAttempts>()),
                loggers.CreateLogger<GoalWork>()),
            $"host-{Guid.NewGuid():N}", TimeProvider.System, loggers.CreateLogger<LocalEngine>());
        Mesh = new LocalMesh(engine, journal, catalogue, new TimeOrderedGoalIds(TimeProvider.System));
    }

    public IMesh Mesh { get; }

    public Task Recover() => engine.Recover(World.Ct);

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private sealed class Writer(Task released, ILogger log) : IAgent
    {
        public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
        {
            var secrets = $"{Email} {Attachment} {Key} {string.Concat(work.Inputs.Select(i => i.Value))}";
            await calls.Ask(ModelNeed.Large, [new ChatMessage(ChatRole.User, $"{work.Spec.Text} {secrets}")], null, ct);
            await calls.Call("note.send", JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["text"] = secrets }, Json.Default.DictionaryStringString), ct);
#pragma warning disable CA1848, CA1873 // A line like any other's, with what must not leave in its exception.
            log.LogError(new InvalidOperationException(secrets), "Goal {Goal} logs for {Who}", work.Goal.Value, Email);
#pragma warning restore CA1848, CA1873
            await released.WaitAsync(ct);
            return new StepOutcome.Completed(MeshJson.Parse("""{"ok":true}"""), 1, "tiny", Rationale.Because(secrets));
        }
    }

    private sealed class OneModel : IModels
    {
        public string? For(ModelNeed need) => "tiny";

        public IChatClient Client(string model) => new Model();

        public decimal Cost(string model, long inputTokens, long outputTokens) => 0;
    }

    private sealed class Model : IChatClient
    {
        private readonly ChatClientMetadata metadata = new("openai-compatible", new Uri("http://models.test:9000/v1/"), "tiny");

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, Reply))
            {
                ModelId = "tiny-2", ResponseId = "r-1", FinishReason = ChatFinishReason.Stop, Usage = new UsageDetails { InputTokenCount = 12, OutputTokenCount = 5 },
            });

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(ChatClientMetadata) ? metadata : null;

        public void Dispose()
        {
        }
    }

    private sealed class OneStep : IPlanner
    {
        public Task<PlanMade> Plan(PlanRequest request, GoalBudget budget, CancellationToken ct) => Task.FromResult(new PlanMade(
            new Plan
            {
                Version = request.Version, Proposer = "playbook:letter", Why = Rationale.Because("There is one way."), Deliver = [new("a")],
                Steps = [new PlanStep { Id = new("a"), Role = "writer", Instruction = "write", Produces = "note", Tools = ["note.send"] }],
            },
            [], null));
    }

    private sealed class SendNote : ITool
    {
        public ToolDescriptor Descriptor { get; } = new()
        {
            Name = "note.send", Description = "Sends a note.", Effect = ToolEffect.Idempotent, Approval = ToolApproval.Never,
            Parameters = MeshJson.Parse("""{"type":"object","properties":{"text":{"type":"string"}},"required":["text"],"additionalProperties":false}"""),
        };

        public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct) => Task.FromResult(new ToolResult(call.Arguments));
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class Json : System.Text.Json.Serialization.JsonSerializerContext;
