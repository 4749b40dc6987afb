using AgentMesh.Agents.Models;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Budget;

/// <summary>
/// Guesses tokens without a tokenizer, rather too many than too few: a reservation must cover what will be charged.
/// English runs at about four characters a token and is counted at three; a character outside ASCII is counted as one and a half.
/// </summary>
internal static class TokenEstimate
{
    /// <summary>The markers that chat templates put around each message or tool.</summary>
    private const long Frame = 8;

    private const long Image = 1500;

    public static long Of(string? text)
    {
        if (string.IsNullOrEmpty(text)) return 0;
        long ascii = 0, other = 0;
        foreach (var c in text)
            if (char.IsAscii(c)) ascii++;
            else other++;
        return (ascii + 2) / 3 + (3 * other + 1) / 2;
    }

    public static long Of(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var tokens = options?.Instructions is { } instructions ? Frame + Of(instructions) : 0;
        foreach (var message in messages) tokens += Frame + Of(message.Contents);
        foreach (var tool in options?.Tools ?? [])
        {
            tokens += Frame + Of(tool.Name) + Of(tool.Description);
            if (tool is AIFunctionDeclaration function) tokens += Of(function.JsonSchema.GetRawText());
        }

        if (options?.ResponseFormat is ChatResponseFormatJson { Schema: { } schema }) tokens += Of(schema.GetRawText());
        return tokens;
    }

    public static long Of(IEnumerable<AIContent> contents)
    {
        long tokens = 0;
        foreach (var content in contents)
        {
            tokens += content switch
            {
                TextContent text => Of(text.Text),
                TextReasoningContent reasoning => Of(reasoning.Text),
                FunctionCallContent call => Frame + Of(call.Name) + (call.Arguments?.Sum(a => Of(a.Key) + Of(a.Value?.ToString()) + 2) ?? 0),
                FunctionResultContent result => Frame + Of(result.Result?.ToString()),
                DataContent or UriContent => Image,
                _ => 0,
            };
        }

        return tokens;
    }

    /// <summary>What the endpoint reported; where it reported nothing, an estimate.</summary>
    public static TokenCount Used(UsageDetails? usage, long inputEstimate, Func<long> outputEstimate) =>
        usage is { InputTokenCount: { } input, OutputTokenCount: { } output }
            ? new TokenCount(input, output)
            : new TokenCount(usage?.InputTokenCount ?? inputEstimate, usage?.OutputTokenCount ?? outputEstimate(), Estimated: true);
}
