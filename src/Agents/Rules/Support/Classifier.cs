using System.Globalization;
using System.Text.Json.Nodes;
using AgentMesh.Agents.Rules.Text;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>Email or document → category, by the words it holds.</summary>
public sealed class Classifier(Lexicon lexicon) : IRuleBehaviour
{
    public string Role => "classifier";
    public IReadOnlyList<string> Produces { get; } = ["category"];

    public Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
    {
        var input = work.Input("email") ?? work.Input("document");
        return Task.FromResult<StepOutcome>(input?.Value is { } value
            ? Classify(input, MailText.Read(value))
            : new StepOutcome.Failed(FailureKind.Permanent, $"Step '{work.Step.Id}' has no email or document to classify; give it one as input."));
    }

    private StepOutcome.Completed Classify(Artifact input, MailText mail)
    {
        var scores = CategoryScores.Of(mail, lexicon);
        var confidence = Math.Round(scores.Confidence, 3);
        var value = new JsonObject
        {
            ["label"] = scores.Best.Label,
            ["confidence"] = confidence,
            ["scores"] = new JsonObject(scores.Scores.Select(each => KeyValuePair.Create(each.Label, (JsonNode?)Math.Round(each.Score, 2)))),
            ["summary"] = Summary.Of(mail, scores, lexicon),
        };
        return new StepOutcome.Completed(value.Element(), confidence, RuleTier.Name, Why(input, mail, scores));
    }

    private static Rationale Why(Artifact input, MailText mail, CategoryScores scores)
    {
        var best = scores.Best;
        var words = scores.Terms.Where(term => term.Label == best.Label).Take(5).Select(term => $"'{term.Term}'").ToList();
        var reason = words.Count == 0
            ? "No word of the message speaks for any category; this is a guess."
            : $"{string.Join(", ", words)} speak{(words.Count == 1 ? "s" : "")} for {best.Label}.";
        if (mail.Hostile.Count > 0) reason += $" Left out {mail.Hostile.Count} sentence(s) that give instructions to whoever processes the mail.";
        var others = scores.Scores.Where(each => each.Label != best.Label).Select(each =>
            $"{each.Label}: {each.Score.ToString("0.##", CultureInfo.InvariantCulture)} points against {best.Score.ToString("0.##", CultureInfo.InvariantCulture)}");
        return new Rationale(reason, [.. others], [input.Id.Value]);
    }
}
