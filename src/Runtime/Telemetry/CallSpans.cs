using System.Diagnostics;
using System.Globalization;
using AgentMesh.Agents;
using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using Microsoft.Extensions.AI;
using Span = System.Diagnostics.Activity;

namespace AgentMesh.Runtime.Telemetry;

/// <summary>Spans of calls to models and tools, below what makes them. Each is null where nobody listens.</summary>
internal static class CallSpans
{
    public static Span? Chat(ModelAddress to, ChatOptions asked)
    {
        if (!GoalTrace.Source.HasListeners()) return null;
        var caller = Span.Current;
        var span = GoalTrace.Source.StartActivity(
            $"{GenAi.Chat} {to.Model}", ActivityKind.Client, caller?.Context ?? default,
            [
                new(GenAi.Operation, GenAi.Chat), new(GenAi.Provider, to.Provider), new(GenAi.RequestModel, to.Model),
                new(GenAi.ServerAddress, to.Host), new(GenAi.ServerPort, to.Port),
            ]);
        if (span is null) return null;
        if (caller?.GetTagItem(GenAi.Conversation) is string goal) span.SetTag(GenAi.Conversation, goal);
        if (asked.ResponseFormat is ChatResponseFormatJson) span.SetTag(GenAi.OutputType, "json");
        if (asked.Temperature is { } temperature) span.SetTag(GenAi.Temperature, (double)temperature);
        if (asked.TopP is { } top) span.SetTag(GenAi.TopP, (double)top);
        return span.SetTag(GenAi.MaxTokens, asked.MaxOutputTokens);
    }

    public static void Answered(this Span span, ChatResponse response)
    {
        span.SetTag(GenAi.ResponseModel, response.ModelId).SetTag(GenAi.ResponseId, response.ResponseId);
        if (response.FinishReason is { } finish) span.SetTag(GenAi.FinishReasons, new[] { finish.Value });
        if (response.Usage is not { } usage) return;
        span.SetTag(GenAi.InputTokens, usage.InputTokenCount).SetTag(GenAi.OutputTokens, usage.OutputTokenCount)
            .SetTag(GenAi.CacheReadTokens, usage.CachedInputTokenCount).SetTag(GenAi.ReasoningTokens, usage.ReasoningTokenCount);
    }

    public static Span? Tool(ToolDescriptor tool, CallId call, string? goal)
    {
        if (!GoalTrace.Source.HasListeners()) return null;
        var span = GoalTrace.Source.StartActivity(
            $"{GenAi.ExecuteTool} {tool.Name}", ActivityKind.Internal, default(ActivityContext), [new(GenAi.Operation, GenAi.ExecuteTool), new(GenAi.ToolName, tool.Name)]);
        return span?.SetTag(GenAi.ToolCallId, call.Value).SetTag(GenAi.ToolType, "function").SetTag(GenAi.ToolDescription, tool.Description)
            .SetTag(GenAi.Conversation, goal).SetTag("agentmesh.tool.effect", Effect(tool.Effect));
    }

    /// <summary>The error's name, without its message.</summary>
    public static string Error(Exception e) => e switch
    {
        ModelException model => Name(model.Kind),
        ToolInFlightException => "in_flight",
        ToolException tool => GoalSpans.Name(tool.Kind),
        OperationCanceledException => "cancelled",
        TimeoutException => "timeout",
        BudgetExceededException => "budget",
        _ => e.GetType().FullName!,
    };

    private static string Effect(ToolEffect effect) => effect switch
    {
        ToolEffect.Pure => "pure",
        ToolEffect.Idempotent => "idempotent",
        _ => "once",
    };

    private static string Name(ModelErrorKind kind) => kind switch
    {
        ModelErrorKind.RateLimited => "rate_limited",
        ModelErrorKind.Unavailable => "unavailable",
        ModelErrorKind.TimedOut => "timeout",
        ModelErrorKind.BadResponse => "bad_response",
        ModelErrorKind.Rejected => "rejected",
        ModelErrorKind.BudgetExceeded => "budget",
        ModelErrorKind.CircuitOpen => "circuit_open",
        _ => ((int)kind).ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>Who serves a model, as its client says.</summary>
/// <param name="Host">Null where the client does not say.</param>
internal readonly record struct ModelAddress(string Model, string Provider, string? Host, object? Port)
{
    public static ModelAddress Of(string model, IChatClient client)
    {
        if (client.GetService(typeof(ChatClientMetadata)) is not ChatClientMetadata known) return new(model, GenAi.Mesh, null, null);
        // The conventions tell by the provider's name how a request is written, whoever serves it.
        var provider = known.ProviderName switch { null => GenAi.Mesh, "openai-compatible" => "openai", var name => name };
        return new(model, provider, known.ProviderUri?.Host, known.ProviderUri?.Port);
    }
}
