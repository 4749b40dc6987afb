using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Remote;

/// <summary>Answers, whole or in pieces, to the wire and back.</summary>
public static class AnswerConversion
{
    public static InferenceAnswer ToWire(this ChatResponse response) => new(
        [.. response.Messages.Select(MessageConversion.ToWire)], response.FinishReason?.Value, ToWire(response.Usage),
        response.ResponseId, response.ModelId, response.CreatedAt);

    public static ChatResponse FromWire(this InferenceAnswer answer) => new([.. answer.Messages.Select(MessageConversion.FromWire)])
    {
        FinishReason = Finish(answer.Finish),
        Usage = FromWire(answer.Usage),
        ResponseId = answer.Id,
        ModelId = answer.Model,
        CreatedAt = answer.Created,
    };

    public static InferenceUpdate ToWire(this ChatResponseUpdate update) => new()
    {
        Role = update.Role?.Value,
        Parts = [.. update.Contents.Select(MessageConversion.ToWire).OfType<InferencePart>()],
        Finish = update.FinishReason?.Value,
        Usage = ToWire(update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details),
        Id = update.ResponseId,
        MessageId = update.MessageId,
        Model = update.ModelId,
        Created = update.CreatedAt,
    };

    public static ChatResponseUpdate FromWire(this InferenceUpdate update)
    {
        var contents = update.Parts.Select(MessageConversion.FromWire).ToList();
        if (FromWire(update.Usage) is { } usage) contents.Add(new UsageContent(usage));
        return new ChatResponseUpdate(update.Role is { } role ? new ChatRole(role) : null, contents)
        {
            FinishReason = Finish(update.Finish),
            ResponseId = update.Id,
            MessageId = update.MessageId,
            ModelId = update.Model,
            CreatedAt = update.Created,
        };
    }

    private static ChatFinishReason? Finish(string? reason) => string.IsNullOrWhiteSpace(reason) ? null : new ChatFinishReason(reason);

    private static InferenceUsage? ToWire(UsageDetails? usage) => usage is null ? null : new InferenceUsage(
        usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount, usage.CachedInputTokenCount, usage.ReasoningTokenCount);

    private static UsageDetails? FromWire(InferenceUsage? usage) => usage is null ? null : new UsageDetails
    {
        InputTokenCount = usage.Input,
        OutputTokenCount = usage.Output,
        TotalTokenCount = usage.Total,
        CachedInputTokenCount = usage.CachedInput,
        ReasoningTokenCount = usage.Reasoning,
    };
}
