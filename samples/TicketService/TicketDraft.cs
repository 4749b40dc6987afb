using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace AgentMesh.Samples.TicketService;

/// <summary>A checked request body: what the caller wants a ticket to say, and the hash that tells one body from another.</summary>
public sealed record TicketDraft
{
    private static readonly string[] Urgencies = ["low", "normal", "high", "critical"];
    private static readonly HashSet<string> OwnMembers = ["id", "url", "status", "createdAt", "idempotencyKey"];
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    public required string Title { get; init; }

    public required string Body { get; init; }

    public required string Category { get; init; }

    public required string Urgency { get; init; }

    public string? AccountId { get; init; }

    public string? Customer { get; init; }

    public Dictionary<string, JsonElement>? Extra { get; init; }

    /// <summary>SHA-256 of the canonical body, see <see cref="CanonicalJson"/>.</summary>
    public required string BodyHash { get; init; }

    /// <summary>False when <paramref name="json"/> is no ticket; <paramref name="errors"/> then names each bad member ("$" for the whole).</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> json,
        [NotNullWhen(true)] out TicketDraft? draft,
        [NotNullWhen(false)] out IReadOnlyDictionary<string, string>? errors)
    {
        draft = null;
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            errors = new Dictionary<string, string> { ["$"] = $"Send one JSON object: {e.Message}" };
            return false;
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            errors = new Dictionary<string, string> { ["$"] = "Send one JSON object." };
            return false;
        }

        var found = new Dictionary<string, string>();
        var read = new HashSet<string>(OwnMembers);
        string Required(string name, int max) => Text(name, max, required: true) ?? "";
        string? Text(string name, int max, bool required = false)
        {
            read.Add(name);
            if (!root.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            {
                if (required)
                    found[name] = "Required.";
                return null;
            }

            if (member.ValueKind != JsonValueKind.String)
            {
                found[name] = "Must be a string.";
                return null;
            }

            var text = member.GetString()!;
            if (required && string.IsNullOrWhiteSpace(text))
                found[name] = "Must not be blank.";
            else if (text.Length > max)
                found[name] = $"Must be at most {max} characters, is {text.Length}.";
            return text;
        }

        var title = Required("title", 300);
        var body = Required("body", 200_000);
        var category = Required("category", 64);
        var urgency = Required("urgency", 16);
        var accountId = Text("accountId", 64);
        var customer = Text("customer", 200);

        if (urgency.Length > 0 && !Urgencies.Contains(urgency))
            found.TryAdd("urgency", $"Must be one of {string.Join(", ", Urgencies)}.");
        foreach (var own in OwnMembers.Where(name => root.TryGetProperty(name, out _)))
            found[own] = "Is set by the service; leave it out.";
        if (found.Count > 0)
        {
            errors = found;
            return false;
        }

        var extra = root.EnumerateObject().Where(p => !read.Contains(p.Name)).ToDictionary(p => p.Name, p => p.Value);
        draft = new TicketDraft
        {
            Title = title,
            Body = body,
            Category = category,
            Urgency = urgency,
            AccountId = accountId,
            Customer = customer,
            Extra = extra.Count > 0 ? extra : null,
            BodyHash = CanonicalJson.Hash(root),
        };
        errors = null;
        return true;
    }
}
