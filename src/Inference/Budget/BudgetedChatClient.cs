using System.Runtime.CompilerServices;
using AgentMesh.Agents.Models;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Budget;

/// <summary>
/// Reserves tokens for each request before it leaves and settles them once its outcome is known. The answer's limit is always sent along,
/// so that what is reserved bounds what can come back. A request that failed after the endpoint may have worked on it is charged in full.
/// </summary>
/// <param name="defaultMaxOutput">Tokens an answer may have where the caller sets no limit.</param>
public sealed class BudgetedChatClient(IChatClient inner, ITokenBudget budget, int defaultMaxOutput) : DelegatingChatClient(inner)
{
    /// <exception cref="ModelException">With <see cref="ModelErrorKind.BudgetExceeded"/>: nothing was sent.</exception>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var call = await Reserve(messages, options, cancellationToken);
        var used = call.AtMost;
        try
        {
            var response = await base.GetResponseAsync(call.Messages, call.Options, cancellationToken);
            used = TokenEstimate.Used(response.Usage, call.AtMost.Input, () => response.Messages.Sum(m => TokenEstimate.Of(m.Contents)));
            return response;
        }
        catch (ModelException e) when (!e.TokensMayBeSpent)
        {
            used = default;
            throw;
        }
        finally
        {
            await call.Reservation.Settle(used);
        }
    }

    /// <exception cref="ModelException">With <see cref="ModelErrorKind.BudgetExceeded"/>: nothing was sent.</exception>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = await Reserve(messages, options, cancellationToken);
        var used = call.AtMost;
        UsageDetails? usage = null;
        long output = 0;
        try
        {
            await using var updates = base.GetStreamingResponseAsync(call.Messages, call.Options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await updates.MoveNextAsync()) break;
                }
                catch (ModelException e) when (!e.TokensMayBeSpent)
                {
                    used = default;
                    throw;
                }

                foreach (var content in updates.Current.Contents)
                    if (content is UsageContent reported) usage = reported.Details;
                output += TokenEstimate.Of(updates.Current.Contents);
                yield return updates.Current;
            }

            used = TokenEstimate.Used(usage, call.AtMost.Input, () => output);
        }
        finally
        {
            await call.Reservation.Settle(used);
        }
    }

    private async ValueTask<Reserved> Reserve(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var sent = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        if (options?.MaxOutputTokens is null)
        {
            options = options?.Clone() ?? new ChatOptions();
            options.MaxOutputTokens = defaultMaxOutput;
        }

        var atMost = new TokenCount(TokenEstimate.Of(sent, options), options.MaxOutputTokens!.Value, Estimated: true);
        var reservation = await budget.TryReserve(atMost, cancellationToken)
            ?? throw new ModelException(ModelErrorKind.BudgetExceeded,
                $"The budget has no room for a call of up to {atMost.Total} tokens ({atMost.Input} in, {atMost.Output} out); raise it, shorten the prompt or ask for a shorter answer.");
        return new Reserved(sent, options, atMost, reservation);
    }

    private readonly record struct Reserved(
        IReadOnlyList<ChatMessage> Messages, ChatOptions Options, TokenCount AtMost, ITokenReservation Reservation);
}
