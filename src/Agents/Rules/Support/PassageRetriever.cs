using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Agents.Rules.Text;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>Email or document → the two passages of the knowledge base that fit best.</summary>
public sealed class PassageRetriever : IRuleBehaviour
{
    private const string Tool = "knowledge.search";
    private const int Wanted = 2;
    private const int Candidates = 8;
    private const int QueryWords = 18;

    /// <summary>A second passage of the same document is taken only where it beats the other documents by so much.</summary>
    private const double ClearlyBetter = 1.5;

    public string Role => "retriever";
    public IReadOnlyList<string> Produces { get; } = ["passages"];

    public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
    {
        if (work.Tools.All(tool => tool.Name != Tool))
            return new StepOutcome.Failed(FailureKind.Permanent, $"Step '{work.Step.Id}' needs the tool {Tool}, which its scope does not give it.");
        var made = new List<string>();
        var query = "";
        foreach (var attempt in Queries(work))
        {
            query = attempt;
            var arguments = new JsonObject { ["query"] = query, ["limit"] = Candidates };
            if (work.Spec.Knowledge.Count > 0) arguments["collections"] = Json.List(work.Spec.Knowledge);
            var answer = await calls.Call(Tool, arguments.Element(), ct);
            made.Add(answer.Call.Value);
            var found = answer.Require().Items("passages");
            if (found.Count > 0) return Result(work, query, Choose(found), made);
        }
        var nothing = new JsonObject { ["query"] = query, ["passages"] = new JsonArray() };
        return new StepOutcome.Completed(nothing.Element(), 0.5, RuleTier.Name, new Rationale("The knowledge base has nothing on this; the searches came back empty.", [], made));
    }

    private static StepOutcome.Completed Result(StepWork work, string query, IReadOnlyList<JsonElement> chosen, List<string> made)
    {
        var value = new JsonObject { ["query"] = query, ["passages"] = Json.List(chosen.Select(passage => passage.Node())) };
        var wanted = Words.Of(query).Select(word => word.Stem).ToHashSet(StringComparer.Ordinal);
        var held = chosen.SelectMany(passage => Words.Of($"{passage.Text("title")} {passage.Text("text")}")).Select(word => word.Stem).ToHashSet(StringComparer.Ordinal);
        var shared = wanted.Where(held.Contains).Order(StringComparer.Ordinal).ToList();
        var confidence = Math.Round(0.45 + 0.5 * shared.Count / Math.Max(1, wanted.Count), 3);
        var places = string.Join(" and ", chosen.Select(passage => $"{passage.Text("document")} {passage.Whole("start")}–{passage.Whole("end")}"));
        return new StepOutcome.Completed(value.Element(), confidence, RuleTier.Name,
            new Rationale($"{places} rank highest and share {shared.Count} of the query's {wanted.Count} words.", [], [.. work.Inputs.Select(input => input.Id.Value), .. made]));
    }

    private static IReadOnlyList<JsonElement> Choose(IReadOnlyList<JsonElement> ranked)
    {
        var first = ranked[0];
        var others = ranked.Skip(1).ToList();
        var elsewhere = others.FirstOrDefault(passage => passage.Text("document") != first.Text("document"));
        var next = others.FirstOrDefault();
        if (next.ValueKind == JsonValueKind.Undefined) return [first];
        if (elsewhere.ValueKind == JsonValueKind.Undefined) return [first, next];
        var clearly = next.Text("document") == first.Text("document") && (next.Number("score") ?? 0) > ClearlyBetter * (elsewhere.Number("score") ?? 0);
        return new[] { first, clearly ? next : elsewhere }.Take(Wanted).ToList();
    }

    /// <summary>From the most telling to the broadest; the next is tried only where one finds nothing.</summary>
    private static IEnumerable<string> Queries(StepWork work)
    {
        var input = work.Input("email") ?? work.Input("document");
        var mail = input?.Value is { } value ? MailText.Read(value) : null;
        var summary = work.Input("category")?.Value?.Text("summary") ?? "";
        var label = work.Input("category")?.Value?.Text("label");
        var terms = mail is null ? [] : Named(mail, label);
        var full = Joined([mail?.PlainSubject ?? "", string.Join(' ', terms), summary, mail?.Own ?? work.Spec.Text]);
        if (full.Length > 0) yield return full;
        var narrow = Joined([mail?.PlainSubject ?? "", string.Join(' ', terms)]);
        if (narrow.Length > 0 && narrow != full) yield return narrow;
        if (label is not null) yield return label;
    }

    /// <summary>The words of the mail that decided its category.</summary>
    private static IReadOnlyList<string> Named(MailText mail, string? label) =>
        [.. CategoryScores.Of(mail, Lexicon.Default).Terms.Where(term => label is null || term.Label == label).Take(6).Select(term => term.Term.Replace("~ ", "", StringComparison.Ordinal))];

    private static string Joined(IEnumerable<string> parts) => string.Join(' ', parts.SelectMany(Words.Informative).Distinct(StringComparer.Ordinal).Take(QueryWords));
}
