using System.Diagnostics;
using System.Diagnostics.Metrics;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.AI;

namespace AgentMesh.Runtime.Telemetry;

/// <summary>The mesh's counts, on the meter <see cref="GoalTrace.Name"/>. What goals do is counted once, where it was put on record.</summary>
internal static class MeshMetrics
{
    private static readonly Meter Meter = new(GoalTrace.Name);

    private static readonly Counter<long> Goals = Meter.CreateCounter<long>("agentmesh.goals", "{goal}", "Goals, by what became of them; submitted ones, too.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "agentmesh.goal.duration", "s", "From a goal's submit to its end, waits for people included.", null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 3600, 86400] });

    private static readonly Counter<long> Steps = Meter.CreateCounter<long>("agentmesh.steps", "{step}", "Attempts at steps that ended, by role and how; steps that were skipped, too.");

    private static readonly Counter<long> Calls = Meter.CreateCounter<long>("agentmesh.calls", "{call}", "Calls of models and tools that have their answers, by name and how.");

    private static readonly Counter<long> Tokens = Meter.CreateCounter<long>("agentmesh.tokens", "{token}", "Tokens of goals' model calls, by model.");

    private static readonly Counter<double> Cost = Meter.CreateCounter<double>("agentmesh.cost", null, "Cost of goals' model calls, in the currency of the configured prices, by model.");

    private static readonly Histogram<long> Usage = Meter.CreateHistogram<long>(
        "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.", null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] });

    private static readonly Histogram<double> Operation = Meter.CreateHistogram<double>(
        "gen_ai.client.operation.duration", "s", "GenAI operation duration.", null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] });

    /// <summary>Counts what was just appended.</summary>
    /// <param name="state">After the entries.</param>
    public static void Appended(IReadOnlyList<JournalEntry> entries, GoalState state)
    {
        if (!Goals.Enabled && !GoalTrace.Source.HasListeners()) return;
        foreach (var entry in entries)
        {
            switch (entry.Event)
            {
                case GoalSubmitted: Goals.Add(1, new KeyValuePair<string, object?>("state", "submitted")); break;
                case StepCompleted done: Step(state, done.Step, "completed"); break;
                case StepFailed failed: Step(state, failed.Step, "failed"); break;
                case StepSkipped skipped: Step(state, skipped.Step, "skipped"); break;
                case ModelCalled model: Asked(model.Model, model.Usage); break;
                case PlanAccepted { Usage: { } usage }: Asked("planner", usage); break;
                case ToolReturned tool:
                    Calls.Add(1, new("kind", "tool"), new("name", tool.Tool), new("state", tool.Error is null ? "returned" : "failed"));
                    break;
                case GoalEnded ended:
                    Goals.Add(1, new KeyValuePair<string, object?>("state", GoalSpans.Name(ended.Status)));
                    Duration.Record((entry.At - state.SubmittedAt).TotalSeconds, new KeyValuePair<string, object?>("state", GoalSpans.Name(ended.Status)));
                    GoalSpans.Whole(state, ended);
                    break;
            }
        }
    }

    /// <summary>A call of a model as its caller lived it.</summary>
    public static void Chat(ModelAddress to, double seconds, ChatResponse? response, string? error)
    {
        if (!Operation.Enabled && !Usage.Enabled) return;
        var tags = new TagList { { GenAi.Operation, GenAi.Chat }, { GenAi.Provider, to.Provider }, { GenAi.RequestModel, to.Model } };
        if (response?.ModelId is { } model) tags.Add(GenAi.ResponseModel, model);
        if (to.Host is not null)
        {
            tags.Add(GenAi.ServerAddress, to.Host);
            tags.Add(GenAi.ServerPort, to.Port);
        }

        if (response?.Usage is { } usage)
        {
            Count("input", usage.InputTokenCount, tags);
            Count("output", usage.OutputTokenCount, tags);
        }

        if (error is not null) tags.Add(GenAi.ErrorType, error);
        Operation.Record(seconds, tags);

        static void Count(string type, long? tokens, TagList tags)
        {
            if (tokens is not { } some) return;
            tags.Add(GenAi.TokenType, type);
            Usage.Record(some, tags);
        }
    }

    private static void Step(GoalState state, StepId id, string how) =>
        Steps.Add(1, new("role", state.Step(id)?.Definition.Role ?? "unknown"), new("state", how));

    private static void Asked(string model, Usage usage)
    {
        Calls.Add(Math.Max(1, usage.ModelCalls), new("kind", "model"), new("name", model), new("state", "returned"));
        Tokens.Add(usage.InputTokens, new("model", model), new("type", "input"));
        Tokens.Add(usage.OutputTokens, new("model", model), new("type", "output"));
        if (usage.Cost > 0) Cost.Add((double)usage.Cost, new KeyValuePair<string, object?>("model", model));
    }
}
