using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using AgentMesh.Agents.Rules.Text;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>What a step's inputs say, under the names that tools use for it.</summary>
internal static class ClerkText
{
    private const int MaxQuote = 4_000;

    public static IReadOnlyDictionary<string, JsonNode> Case(StepWork work)
    {
        var mail = (work.Input("email") ?? work.Input("document"))?.Value is { } value ? MailText.Read(value) : null;
        var category = work.Input("category")?.Value;
        var entities = work.Input("entities")?.Value;
        var label = category?.Text("label");
        var summary = category?.Text("summary") ?? mail?.PlainSubject ?? work.Step.Instruction;
        var customer = entities?.Text("name") ?? mail?.FromName;
        var account = entities?.Text("accountId");
        var urgency = entities?.Text("urgency") ?? "normal";
        var subject = mail?.PlainSubject is { Length: > 0 } given ? given : summary;

        var body = new StringBuilder(summary).Append("\n\n");
        if (customer is { Length: > 0 } || mail is not null) body.Append(CultureInfo.InvariantCulture, $"- Customer: {customer} {(mail?.FromAddress is { Length: > 0 } address ? $"<{address}>" : "")}\n");
        body.Append(CultureInfo.InvariantCulture, $"- Account: {account ?? "not stated"}\n");
        if (label is not null) body.Append(CultureInfo.InvariantCulture, $"- Category: {label}{Confidence(category?.Number("confidence"))}\n");
        body.Append(CultureInfo.InvariantCulture, $"- Urgency: {urgency}\n");
        if (mail is { Own.Length: > 0 }) body.Append("\nThe message:\n\n").Append(Quote(mail.Own)).Append('\n');
        var passages = work.Input("passages")?.Value?.Items("passages") ?? [];
        if (passages.Count > 0) body.Append("\nArticles that may help:\n\n");
        foreach (var passage in passages) body.Append(CultureInfo.InvariantCulture, $"- {passage.Text("title")} ({passage.Text("document")}, characters {passage.Whole("start")}–{passage.Whole("end")})\n");

        var facts = new Dictionary<string, JsonNode>(StringComparer.Ordinal)
        {
            ["title"] = OneLine(subject),
            ["body"] = body.ToString(),
            ["summary"] = summary,
            ["description"] = body.ToString(),
            ["urgency"] = urgency,
            ["priority"] = urgency,
        };
        if (label is not null) (facts["category"], facts["labels"]) = (label, Json.List([label, $"urgency-{urgency}"]));
        if (account is not null) facts["accountId"] = account;
        if (customer is { Length: > 0 }) facts["customer"] = customer;
        return facts;
    }

    public static IReadOnlyDictionary<string, JsonNode> Notification(StepWork work)
    {
        var text = new StringBuilder();
        if (work.Input("findings")?.Value is { } findings)
        {
            text.Append(findings.Text("summary")).Append('\n');
            foreach (var finding in findings.Items("findings"))
                text.Append(CultureInfo.InvariantCulture, $"\n{finding.Text("file")}:{finding.Whole("line")}\n{Quote(finding.Text("quote") ?? "")}\n");
        }
        else if (work.Input("brief")?.Value?.Text("markdown") is { } brief) text.Append(brief);
        else if (work.Input("reply")?.Value?.Text("text") is { } reply) text.Append(reply);
        else text.Append(work.Step.Instruction);
        return new Dictionary<string, JsonNode>(StringComparer.Ordinal)
        {
            ["text"] = text.ToString().TrimEnd(),
            ["subject"] = OneLine(work.Spec.Text),
            ["to"] = work.Spec.SubmittedBy,
        };
    }

    private static string Confidence(double? confidence) => confidence is { } number ? string.Create(CultureInfo.InvariantCulture, $" ({number:0%} sure)") : "";

    private static string Quote(string text)
    {
        var cut = text.Length <= MaxQuote ? text : string.Concat(text.AsSpan(0, MaxQuote), "…");
        return string.Join('\n', cut.Split('\n').Select(line => "> " + line.TrimEnd()));
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
