using AgentMesh.Agents;
using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using AgentMesh.Runtime.Telemetry;
using Microsoft.Extensions.AI;

namespace AgentMesh.Runtime;

/// <summary>Asks models within a goal's budget: reserves the most that a call may cost, asks, settles what it did cost.</summary>
internal sealed class MeteredModels(IModels models, string tenant, ICallBudget budget, RuntimeOptions options, TimeProvider time)
{
    public string? For(ModelNeed need) => models.For(need);

    /// <param name="call">What the journal will know the call by; null where no journal will.</param>
    /// <param name="waiting">Called once when the answer does not come at once.</param>
    /// <exception cref="BudgetExceededException">Nothing was asked.</exception>
    /// <exception cref="ModelException">No answer.</exception>
    public async Task<(ChatResponse Response, Usage Usage)> Ask(
        string model, CallId? call, IReadOnlyList<ChatMessage> messages, ChatOptions? wanted, Action waiting, CancellationToken ct)
    {
        var prompt = EstimateTokens(messages);
        var answer = wanted?.MaxOutputTokens ?? options.DefaultAnswerTokens;
        if (await budget.TokensLeft(ct) is { } left && left - prompt > 0) answer = (int)Math.Min(answer, left - prompt);
        var most = new Usage(1, prompt, answer, 0, models.Cost(model, prompt, answer), 0);
        using var reservation = await budget.Reserve(call ?? default, most, ct);

        var bounded = wanted?.Clone() ?? new ChatOptions();
        bounded.MaxOutputTokens = answer;
        var client = models.Client(model, tenant);
        var to = ModelAddress.Of(model, client);
        using var span = CallSpans.Chat(to, bounded);
        span?.Prompt(messages, options.Telemetry.Content);
        var started = time.GetTimestamp();
        try
        {
            var asking = client.GetResponseAsync(messages, bounded, ct);
            if (!asking.IsCompleted) waiting();
            var response = await asking;
            span?.Answered(response);
            span?.Answer(response, options.Telemetry.Content);
            MeshMetrics.Chat(to, time.GetElapsedTime(started).TotalSeconds, response, null);
            var input = response.Usage?.InputTokenCount ?? prompt;
            var output = response.Usage?.OutputTokenCount ?? EstimateTokens(response.Messages);
            var usage = new Usage(1, input, output, 0, models.Cost(model, input, output), time.GetElapsedTime(started).TotalSeconds);
            reservation.Settle(usage);
            return (response, usage);
        }
        catch (Exception e) when (Note(e) || e is not ModelException { TokensMayBeSpent: false })
        {
            reservation.Settle(most with { Seconds = time.GetElapsedTime(started).TotalSeconds }, isForTheRecord: false);
            throw;
        }

        // Always false: what is told changes nothing.
        bool Note(Exception e)
        {
            var error = CallSpans.Error(e);
            span?.Failed(error);
            MeshMetrics.Chat(to, time.GetElapsedTime(started).TotalSeconds, null, error);
            return false;
        }
    }

    // Four characters a token is the usual rule of thumb; three never reserves too little for prose in European languages.
    private static int EstimateTokens(IEnumerable<ChatMessage> messages) => messages.Sum(m => m.Contents.Sum(c => c.ToString()?.Length ?? 0) / 3 + 8);
}
