using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Runtime;

/// <summary>
/// Waits for a call that the other side has not finished, and asks again: after the time that it named, else after 1, 2, 4, 8, then every 15 s, until
/// the step's time is up. Nothing of the wait is kept: the claim is in the journal, and who takes the step over waits anew.
/// </summary>
public sealed partial class InFlightWait(GoalId goal, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250), Longest = TimeSpan.FromMinutes(5);
    private static readonly int[] Unasked = [1, 2, 4, 8, 15];

    /// <summary>What is being waited for, in a sentence for people; null while nothing is.</summary>
    public string? For { get; private set; }

    /// <exception cref="OperationCanceledException">The step's time was up first, or it was stopped; <see cref="For"/> still says what it waited for.</exception>
    public async Task<T> Until<T>(CallState call, Func<Task<T>> ask, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        For = null;
        for (var tries = 0; ; tries++)
        {
            try
            {
                var answer = await ask();
                if (tries > 0) LogDone(log, goal, call.Id, call.Name, time.GetElapsedTime(started).TotalSeconds);
                For = null;
                return answer;
            }
            catch (ToolInFlightException busy)
            {
                For = $"It waited for {call.Name} (key {call.Key}): {busy.Message}";
                var pause = Pause(busy, tries);
                if (tries == 0) LogWaiting(log, goal, call.Id, call.Name, pause.TotalSeconds, busy.Message);
                await Task.Delay(pause, time, ct);
            }
            catch (ToolException)
            {
                For = null;
                throw;
            }
        }
    }

    private static TimeSpan Pause(ToolInFlightException busy, int tries)
    {
        var wanted = busy.RetryAfter ?? TimeSpan.FromSeconds(Unasked[Math.Min(tries, Unasked.Length - 1)]);
        return wanted < Shortest ? Shortest : wanted > Longest ? Longest : wanted;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Goal {Goal}, call {Call}: waits for {Tool}, and asks again in {Seconds} s until the step's time is up: {Why}")]
    private static partial void LogWaiting(ILogger log, GoalId goal, CallId call, string tool, double seconds, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Goal {Goal}, call {Call}: {Tool} answered after {Seconds:0.0} s of waiting")]
    private static partial void LogDone(ILogger log, GoalId goal, CallId call, string tool, double seconds);
}
