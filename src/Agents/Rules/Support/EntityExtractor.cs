using System.Text.Json.Nodes;
using AgentMesh.Agents.Rules.Text;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>Email → who writes, about which account, how urgently, each with the words it was read from.</summary>
public sealed class EntityExtractor(Lexicon lexicon) : IRuleBehaviour
{
    public string Role => "analyst";
    public IReadOnlyList<string> Produces { get; } = ["entities"];

    public Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct) => Task.FromResult<StepOutcome>(
        work.Input("email") is { Value: { } value } input
            ? Extract(input, MailText.Read(value))
            : new StepOutcome.Failed(FailureKind.Permanent, $"Step '{work.Step.Id}' has no email to read; give it one as input."));

    private StepOutcome.Completed Extract(Artifact input, MailText mail)
    {
        var name = SenderName.Of(mail);
        var (account, doubts) = Account(mail);
        var urgency = Urgency.Of(mail, lexicon);

        var evidence = new JsonArray();
        if (name?.Where is { } named) evidence.Add(Evidence("name", named, mail.Text));
        if (account is { Where: { } found }) evidence.Add(Evidence("accountId", found, mail.Text));
        foreach (var place in urgency.Evidence) evidence.Add(Evidence("urgency", place, mail.Text));

        var value = new JsonObject();
        if (name is not null) value["name"] = name.Name;
        if (account is not null) value["accountId"] = account.Id;
        value["urgency"] = urgency.Level;
        value["evidence"] = evidence;
        var confidence = Math.Round(0.9 - (name is null ? 0.15 : 0) - (account is null ? 0.15 : 0) - (account is { Where: null } ? 0.1 : 0) - (doubts is null ? 0 : 0.1), 3);
        return new StepOutcome.Completed(value.Element(), confidence, RuleTier.Name, new Rationale(Reason(name, account, urgency), doubts is null ? [] : [doubts], [input.Id.Value]));
    }

    private static JsonObject Evidence(string field, Span place, string text) =>
        new() { ["field"] = field, ["quote"] = place.In(text), ["start"] = place.Start, ["end"] = place.End };

    /// <summary>The newest message decides; the subject is asked only where it leaves the matter open.</summary>
    private static (Found? Account, string? Doubts) Account(MailText mail)
    {
        var newest = AccountIds.In(mail.Text[..mail.BodyEnd], mail.Hostile);
        if (AccountIds.Choose(newest) is { } chosen) return (new Found(chosen.Id, "the message", new Span(chosen.Start, chosen.End)), Left(newest, chosen.Id));
        var open = newest.Where(mention => mention.Bias >= 0).ToList();
        // Where the message names several, the subject may tell which of them it is, but brings in no other.
        var subject = AccountIds.In(mail.Subject, []).Where(mention => open.Count == 0 || open.Any(known => known.Id == mention.Id)).ToList();
        if (AccountIds.Choose(subject) is { } titled) return (new Found(titled.Id, "the subject", null), Left([.. newest, .. subject], titled.Id));
        if (open.Count > 0) return (null, $"The message names {Ids(open)}, and nothing says which one is meant.");
        // An id in the thread may be anybody's; it is told and not taken.
        var quoted = AccountIds.In(mail.OwnQuoted, []);
        return (null, quoted.Count == 0 ? null : $"Not {Ids(quoted)}: only the quoted thread names it.");
    }

    private static string? Left(IReadOnlyList<AccountMention> mentions, string chosen)
    {
        var others = mentions.Where(mention => mention.Id != chosen).ToList();
        return others.Count == 0 ? null : $"Not {Ids(others)}: the words around say otherwise.";
    }

    private static string Ids(IEnumerable<AccountMention> mentions) => string.Join(" and ", mentions.Select(mention => mention.Id).Distinct(StringComparer.Ordinal));

    private static string Reason(SenderName? name, Found? account, Urgency urgency)
    {
        var who = name is null ? "No name was found." : $"The name is from {(name.Where is null ? "the sender's address" : "the message")}.";
        var which = account is null ? "No account id can be told." : $"The account id is from {account.From}.";
        var how = urgency.Terms.Count == 0 ? $"Nothing speaks of urgency: {urgency.Level}." : $"Urgency is {urgency.Level} by {string.Join(", ", urgency.Terms.Take(4).Select(term => $"'{term}'"))}.";
        return $"{who} {which} {how}";
    }

    private sealed record Found(string Id, string From, Span? Where);
}
