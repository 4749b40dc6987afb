using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentMesh.Agents.Rules.Text;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>Email and what the other agents found → a reply that quotes its sources word for word and promises nothing that they do not say.</summary>
public sealed partial class ReplyWriter : IRuleBehaviour
{
    public string Role => "writer";
    public IReadOnlyList<string> Produces { get; } = ["reply"];

    public Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct) => Task.FromResult<StepOutcome>(
        work.Input("email")?.Value is { } value
            ? Write(work, MailText.Read(value))
            : new StepOutcome.Failed(FailureKind.Permanent, $"Step '{work.Step.Id}' has no email to answer; give it one as input."));

    private static StepOutcome.Completed Write(StepWork work, MailText mail)
    {
        var passages = work.Input("passages")?.Value?.Items("passages") ?? [];
        var link = (work.Input("ticket") ?? work.Input("issue"))?.Value?.Text("url");
        var text = new StringBuilder();
        Greet(text, work, mail);
        Understood(text, work);
        Quote(text, passages);
        Close(text, work, link, passages.Count > 0);

        var value = new JsonObject
        {
            ["subject"] = mail.PlainSubject.Length > 0 ? $"Re: {mail.PlainSubject}" : "Re: your message",
            ["text"] = text.ToString().TrimEnd() + "\n",
            ["citations"] = Json.List(passages.Select(Citation)),
        };
        if (link is not null) value["link"] = link;
        var reason = passages.Count == 0
            ? "No passage was found, so the reply only confirms the message and what happens next."
            : $"The reply quotes {passages.Count} passage{(passages.Count == 1 ? "" : "s")} word for word{(link is null ? "" : " and links the ticket")}.";
        return new StepOutcome.Completed(value.Element(), passages.Count == 0 ? 0.6 : 0.8, RuleTier.Name, new Rationale(reason, [], [.. work.Inputs.Select(input => input.Id.Value)]));
    }

    private static void Greet(StringBuilder text, StepWork work, MailText mail)
    {
        var name = work.Input("entities")?.Value?.Text("name") ?? SenderName.Of(mail)?.Name;
        text.Append(name is { Length: > 0 } ? $"Hello {Plain(name)},\n\n" : "Hello,\n\n");
    }

    private static void Understood(StringBuilder text, StepWork work)
    {
        var category = work.Input("category")?.Value;
        var entities = work.Input("entities")?.Value;
        var account = entities?.Text("accountId");
        text.Append("thank you for writing to us. ");
        if (category?.Text("label") is { } label)
        {
            text.Append(CultureInfo.InvariantCulture, $"We read your message as a {label} matter{(account is null ? "" : $" on account {account}")}");
            text.Append(entities?.Text("urgency") is "high" or "critical" ? " and have marked it as urgent" : "").Append(". ");
        }
        if (category?.Text("summary") is { Length: > 0 } summary) text.Append("You told us:\n\n> ").Append(Plain(Links().Replace(summary, "(link left out)"))).Append("\n\n");
        else text.Append("\n\n");
    }

    private static void Quote(StringBuilder text, IReadOnlyList<JsonElement> passages)
    {
        if (passages.Count == 0) return;
        text.Append(passages.Count == 1 ? "This passage of our help articles may answer it already:\n\n" : "These passages of our help articles may answer it already:\n\n");
        foreach (var passage in passages)
        {
            foreach (var line in (passage.Text("text") ?? "").ReplaceLineEndings("\n").Split('\n')) text.Append("> ").Append(line).Append('\n');
            text.Append(CultureInfo.InvariantCulture, $">\n> — {Plain(passage.Text("title") ?? "")} ({passage.Text("document")}, characters {passage.Whole("start")}–{passage.Whole("end")})\n\n");
        }
    }

    private static void Close(StringBuilder text, StepWork work, string? link, bool quoted)
    {
        var id = work.Input("ticket")?.Value?.Text("id") ?? work.Input("issue")?.Value?.Text("key");
        if (id is not null && link is not null) text.Append(CultureInfo.InvariantCulture, $"We opened ticket [{Plain(id)}]({link}) for you. ");
        text.Append(quoted ? "If the passages do not settle it, a colleague takes it up from here and answers you by mail." : "A colleague takes it up and answers you by mail.");
        if (work.Input("entities")?.Value is { } entities && entities.Text("accountId") is null)
            text.Append(" To find your account quickly, please send us its id; it looks like AC-12345.");
        text.Append("\n\nKind regards,\nThe support team\n");
    }

    private static JsonNode Citation(JsonElement passage) => new JsonObject
    {
        ["document"] = passage.Text("document"),
        ["start"] = passage.Whole("start"),
        ["end"] = passage.Whole("end"),
        ["quote"] = passage.Text("text"),
    };

    /// <summary>One line, with nothing that Markdown would make a link, an image or a tag of.</summary>
    private static string Plain(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Replace("[", "(", StringComparison.Ordinal).Replace("]", ")", StringComparison.Ordinal)
            .Replace("<", "‹", StringComparison.Ordinal).Replace(">", "›", StringComparison.Ordinal);

    [GeneratedRegex(@"(https?://|www\.)\S+", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Links();
}
