using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Tools.Http;

namespace AgentMesh.Tools.Notify;

internal sealed record NotifyArguments(string Text, string? Channel = null, string? Subject = null, string? To = null);

/// <summary>The value of a <c>notification</c> artifact.</summary>
internal sealed record NotifyResult(string Channel, string Id, string Text);

/// <summary>
/// <c>notify.send</c>: tells a person. The file channel drops repeats by key, so the tool is <see cref="ToolEffect.Idempotent"/> with it alone. A webhook's receiver
/// gets the key but most do not honour it, so with one the tool is <see cref="ToolEffect.Once"/>, unless the operator says that the receiver drops repeats.
/// </summary>
public sealed class NotifySendTool : IReconcilableTool
{
    public const string Name = "notify.send";

    /// <summary>Recorded in the notifications file, and shown by the surface that follows the goal.</summary>
    public const string Console = "console";
    public const string Webhook = "webhook";

    private const string Service = "The notification webhook";
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);
    private readonly TimeProvider _time;
    private readonly NotificationFile? _file;
    private readonly ServiceClient? _webhook;

    public NotifySendTool(NotifyOptions options, TimeProvider time, HttpMessageHandler? handler = null)
    {
        if (options.File is null && options.Webhook is null) throw new ArgumentException("A notification channel is needed: a file or a webhook.", nameof(options));
        _time = time;
        _file = options.File is { } path ? new NotificationFile(path, time) : null;
        _webhook = options.Webhook is { } url ? new ServiceClient(Service, url, time, options.Timeout ?? DefaultTimeout, handler) : null;
        Descriptor = new()
        {
            Name = Name,
            Description = $"Sends a short message to a person. Channels: {string.Join(", ", Channels())}; the last of them by default.",
            Parameters = Schema,
            Effect = _webhook is null || options.WebhookIsIdempotent ? ToolEffect.Idempotent : ToolEffect.Once,
            Approval = _webhook is null ? ToolApproval.Never : ToolApproval.WhenUntrusted,
        };
    }

    public ToolDescriptor Descriptor { get; }

    public async Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var (channel, line) = Read(call);
        if (channel == Console) line = await _file!.Append(line, ct);
        else await Post(line, ct);
        return Result(channel, line);
    }

    /// <summary>A webhook cannot be asked, but all that a sent message gives is known here.</summary>
    public Task<Reconciliation> Reconcile(ToolCall call, CancellationToken ct)
    {
        var (channel, line) = Read(call);
        // The file drops a repeat by its key, so that sending again does no harm whatever became of the call.
        return Task.FromResult<Reconciliation>(channel == Console
            ? new Reconciliation.DidNotHappen()
            : new Reconciliation.CannotTell("A webhook cannot be asked what it received.", Result(channel, line)));
    }

    private (string Channel, NotificationLine Line) Read(ToolCall call)
    {
        var arguments = ToolArguments.Read(call, ToolJson.Default.NotifyArguments);
        var channel = arguments.Channel ?? Channels()[^1];
        if (!Channels().Contains(channel)) throw ToolArguments.Wrong($"There is no channel '{channel}'; use {string.Join(" or ", Channels())}.");
        var id = "n-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(call.Key)))[..12];
        return (channel, new NotificationLine(id, call.Key, call.Goal.Value, arguments.Text, _time.GetUtcNow(), arguments.Subject, arguments.To));
    }

    private static ToolResult Result(string channel, NotificationLine line) =>
        ToolArguments.Result(new(channel, line.Id, line.Text), ToolJson.Default.NotifyResult);

    private async Task Post(NotificationLine line, CancellationToken ct)
    {
        var answer = await _webhook!.Send(HttpMethod.Post, "", JsonSerializer.Serialize(line, ToolJson.Default.NotificationLine), line.Key, ct);
        if (answer.IsSuccess) return;
        if (answer.InFlight(Service, answer.Excerpt) is { } inFlight) throw inFlight;
        var status = (int)answer.Status;
        throw status switch
        {
            429 => new ToolException(FailureKind.Transient, $"{Service} asks for fewer requests."),
            408 or >= 500 => new ToolException(FailureKind.Transient, $"{Service} failed with status {status}: {answer.Excerpt}", effectPossible: true),
            _ => new ToolException(FailureKind.Permanent, $"{Service} refused the message with status {status}: {answer.Excerpt}"),
        };
    }

    private List<string> Channels()
    {
        var channels = new List<string>();
        if (_file is not null) channels.Add(Console);
        if (_webhook is not null) channels.Add(Webhook);
        return channels;
    }

    private static readonly JsonElement Schema = MeshJson.Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["text"],
          "properties": {
            "text": { "type": "string", "minLength": 1, "maxLength": 20000 },
            "subject": { "type": "string", "maxLength": 200 },
            "to": { "type": "string", "maxLength": 200, "description": "Who it is for, in words; the channel decides how it gets there" },
            "channel": { "enum": ["console", "webhook"] }
          }
        }
        """);
}
