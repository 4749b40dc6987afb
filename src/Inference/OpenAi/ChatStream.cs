using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.OpenAi;

/// <summary>Reads the events of one streamed answer in order. Tool calls come out whole, at the end; an end that was not announced is an error.</summary>
internal sealed class ChatStream(EndpointErrors errors, string turn)
{
    private readonly ToolCalls.Assembler _calls = new(turn);
    private string? _id;
    private string? _model;
    private string? _finish;
    private bool _ended;
    private bool _spoke;
    private UsageDetails? _usage;

    /// <summary>The last update was given out.</summary>
    public bool Done { get; private set; }

    public bool CalledTools { get; private set; }

    /// <returns>Null for the mark that ends a stream.</returns>
    public static Completion? Parse(ReadOnlySpan<byte> data) =>
        data.Trim("\r\n\t "u8).SequenceEqual("[DONE]"u8) ? null : JsonSerializer.Deserialize(data, WireJson.Default.Completion) ?? throw new JsonException();

    /// <returns>Null when the event holds nothing for a reader.</returns>
    public ChatResponseUpdate? Next(Completion? part)
    {
        if (part is null)
        {
            _ended = true;
            return End();
        }

        if (part.Error.ValueKind is JsonValueKind.Object or JsonValueKind.String) throw errors.InBand(part.Error);
        _id ??= part.Id;
        _model ??= part.Model;
        _usage = ChatAnswer.Usage(part.Usage) ?? _usage;
        if (part.Choices is not [{ } choice, ..]) return null;
        if (!string.IsNullOrEmpty(choice.FinishReason)) _finish = choice.FinishReason;
        if ((choice.Delta ?? choice.Message) is not { } delta) return null;
        foreach (var call in delta.ToolCalls ?? [])
            if (call is not null) _calls.Add(call);
        var contents = ChatAnswer.Contents(delta).ToList();
        _spoke |= contents.Count > 0 || delta.ToolCalls is { Count: > 0 };
        return contents.Count == 0 ? null : Update(contents);
    }

    /// <summary>The stream is over: a finish reason or the end mark must have been seen, else something is missing from the answer.</summary>
    public ChatResponseUpdate End()
    {
        if (_finish is null && !_ended) throw errors.Cut();
        Done = true;
        if (_finish is null && !_spoke) throw errors.Bad("ended its stream without an answer");
        var calls = _calls.Finish();
        CalledTools = calls.Count > 0;
        var update = Update([.. calls]);
        if (_usage is not null) update.Contents.Add(new UsageContent(_usage));
        update.FinishReason = ChatAnswer.Finish(_finish, CalledTools);
        return update;
    }

    private ChatResponseUpdate Update(IList<AIContent> contents) =>
        new(ChatRole.Assistant, contents) { ResponseId = _id, MessageId = _id, ModelId = _model };
}
