using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Samples.TicketService;

/// <summary>A ticket as stored in the log and as answered. Members the service does not know are kept as sent, in <see cref="Extra"/>.</summary>
public sealed record Ticket
{
    public required string Id { get; init; }

    /// <summary>Where to read the ticket. Set on answers only: the address may differ after a restart, so it is never stored.</summary>
    public string? Url { get; init; }

    public required string Title { get; init; }

    public required string Body { get; init; }

    public required string Category { get; init; }

    public required string Urgency { get; init; }

    public string? AccountId { get; init; }

    public string? Customer { get; init; }

    public string Status { get; init; } = "open";

    public required DateTimeOffset CreatedAt { get; init; }

    public string? IdempotencyKey { get; init; }

    // "set", not "init": source-generated metadata cannot fill extension data through a constructor.
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }
}

public sealed record TicketList(int Count, IReadOnlyList<Ticket> Tickets);

public sealed record Health(string Status, int Tickets);

/// <summary>An RFC 9457 problem document.</summary>
public sealed record Problem(string Type, string Title, int Status, string Detail)
{
    /// <summary>For bad input: member name → what is wrong with it.</summary>
    public IReadOnlyDictionary<string, string>? Errors { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Ticket))]
[JsonSerializable(typeof(TicketList))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(TicketLogEntry))]
internal sealed partial class TicketJson : JsonSerializerContext;
