using AgentMesh.Agents.Models;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Inference;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Model} answered in {Seconds:0.000} s: {InputTokens} tokens in, {OutputTokens} out, ended by {FinishReason}")]
    public static partial void Answered(this ILogger log, string model, double seconds, long? inputTokens, long? outputTokens, string? finishReason);

    [LoggerMessage(2, LogLevel.Warning, "{Model} gave no answer after {Seconds:0.000} s ({Kind}): {Reason}")]
    public static partial void Failed(this ILogger log, string model, double seconds, ModelErrorKind kind, string reason);

    [LoggerMessage(3, LogLevel.Information, "{Model}: the caller gave up after {Seconds:0.000} s")]
    public static partial void GivenUp(this ILogger log, string model, double seconds);

    [LoggerMessage(4, LogLevel.Debug, "{Model} {Direction}: {Content}")]
    public static partial void Content(this ILogger log, string model, string direction, string content);

    [LoggerMessage(5, LogLevel.Warning, "Attempt {Attempt} failed ({Kind}); the next follows in {Seconds:0.00} s")]
    public static partial void Retrying(this ILogger log, int attempt, ModelErrorKind kind, double seconds);

    [LoggerMessage(6, LogLevel.Warning, "The model endpoint failed too often in a row and is left alone for a while")]
    public static partial void CircuitOpened(this ILogger log);

    [LoggerMessage(7, LogLevel.Information, "The model endpoint answers again")]
    public static partial void CircuitClosed(this ILogger log);

    [LoggerMessage(8, LogLevel.Information, "{Model}: {Feature} is {Support}, as its answer shows")]
    public static partial void Learned(this ILogger log, string model, ModelFeature feature, Support support);

    [LoggerMessage(9, LogLevel.Information, "{Model} does not take {Field}; it is left out or renamed from now on")]
    public static partial void DialectLearned(this ILogger log, string model, string field);

    [LoggerMessage(10, LogLevel.Warning, "AGENTMESH_API_KEY is sent unencrypted to {Host}; use https unless the network is yours")]
    public static partial void KeyInClear(this ILogger log, string host);
}
