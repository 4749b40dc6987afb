using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentMesh.Agents.Rules.Text;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>A question → what the files say about it: by <c>files.search</c> where the step has it, else by listing and reading.</summary>
public sealed partial class FileFinder : IRuleBehaviour
{
    private const int MaxFindings = 8;
    private const int MaxFiles = 30;

    /// <summary>Words that ask for a search and are not what is searched for.</summary>
    private static readonly HashSet<string> Asking = new(StringComparer.Ordinal)
    {
        "search", "find", "file", "files", "folder", "folders", "directory", "look", "through", "tell", "notify", "user", "say", "says", "said", "list", "read", "know", "question", "mention", "mentions",
        "mentioned", "show", "report", "results", "result", "documents", "document", "every", "everything", "all", "where", "whether", "anything", "give", "send", "message", "notification", "our",
    };

    public string Role => "retriever";
    public IReadOnlyList<string> Produces { get; } = ["findings"];

    public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
    {
        var query = Query(work);
        if (query.Length == 0) return new StepOutcome.Ask("What should be looked for in the files?", []);
        var made = new List<string>();
        IReadOnlyList<JsonNode> findings;
        int searched;
        if (Has(work, "files.search"))
        {
            var answer = await calls.Call("files.search", new JsonObject { ["query"] = query, ["limit"] = MaxFindings }.Element(), ct);
            made.Add(answer.Call.Value);
            findings = [.. answer.Require().Items("findings").Select(Finding)];
            searched = answer.Require().Whole("filesSearched") ?? findings.Count;
        }
        else if (Has(work, "files.list") && Has(work, "files.read")) (findings, searched) = await Read(query, calls, made, ct);
        else
        {
            return new StepOutcome.Failed(FailureKind.Permanent,
                $"Step '{work.Step.Id}' needs files.search, or files.list and files.read; its scope gives it {(work.Tools.Count == 0 ? "no tools" : string.Join(", ", work.Tools.Select(tool => tool.Name)))}.");
        }
        var files = findings.Select(finding => finding["file"]!.GetValue<string>()).Distinct(StringComparer.Ordinal).ToList();
        var summary = findings.Count == 0
            ? $"None of the {searched} files says anything about '{query}'."
            : $"{findings.Count} place{(findings.Count == 1 ? "" : "s")} in {string.Join(", ", files)} {(findings.Count == 1 ? "speaks" : "speak")} of '{query}'.";
        var value = new JsonObject { ["query"] = query, ["findings"] = Json.List(findings), ["summary"] = summary };
        return new StepOutcome.Completed(value.Element(), findings.Count == 0 ? 0.6 : 0.8, RuleTier.Name, new Rationale(summary, [], made));
    }

    private static bool Has(StepWork work, string tool) => work.Tools.Any(known => known.Name == tool);

    private static JsonNode Finding(JsonElement found) => new JsonObject
    {
        ["file"] = found.Text("file"),
        ["start"] = found.Whole("start"),
        ["end"] = found.Whole("end"),
        ["line"] = found.Whole("line"),
        ["quote"] = found.Text("quote"),
    };

    private static async Task<(IReadOnlyList<JsonNode> Findings, int Searched)> Read(string query, IAgentCalls calls, List<string> made, CancellationToken ct)
    {
        var listing = await calls.Call("files.list", new JsonObject().Element(), ct);
        made.Add(listing.Call.Value);
        var wanted = Words.Of(query).Select(word => word.Stem).ToHashSet(StringComparer.Ordinal);
        var paths = listing.Require().Items("files").Select(file => file.Text("path") ?? "").Where(path => path.Length > 0)
            .OrderByDescending(path => Words.Of(path).Count(word => wanted.Contains(word.Stem))).ThenBy(path => path, StringComparer.Ordinal).Take(MaxFiles).ToList();
        var found = new List<(int Hits, JsonNode Finding)>();
        var searched = 0;
        foreach (var path in paths)
        {
            var answer = await calls.Call("files.read", new JsonObject { ["path"] = path }.Element(), ct);
            made.Add(answer.Call.Value);
            if (answer.Value is not { } read || read.Text("text") is not { } text) continue;
            searched++;
            Scan(path, text, read.Whole("start") ?? 0, read.Whole("line") ?? 1, wanted, found);
        }
        return ([.. found.OrderByDescending(each => each.Hits).Take(MaxFindings).Select(each => each.Finding)], searched);
    }

    private static void Scan(string path, string text, int offset, int firstLine, HashSet<string> wanted, List<(int, JsonNode)> found)
    {
        var line = firstLine;
        foreach (Match match in Line().Matches(text))
        {
            var hits = Words.Of(match.Value).Select(word => word.Stem).Distinct(StringComparer.Ordinal).Count(wanted.Contains);
            if (hits * 2 >= wanted.Count && hits > 0)
            {
                var quote = match.Value.Trim();
                var start = offset + match.Index + match.Value.IndexOf(quote, StringComparison.Ordinal);
                found.Add((hits, new JsonObject { ["file"] = path, ["start"] = start, ["end"] = start + quote.Length, ["line"] = line, ["quote"] = quote }));
            }
            line++;
        }
    }

    /// <summary>What stands in quotes, or the words of the goal that are not about searching.</summary>
    private static string Query(StepWork work)
    {
        var text = work.Answers.Count > 0 ? work.Answers[^1].Answer : work.Spec.Text;
        var quoted = Quoted().Match(text);
        return quoted.Success ? quoted.Groups["words"].Value.Trim()
            : string.Join(' ', Words.Informative(text).Where(word => !Asking.Contains(word)).Take(10));
    }

    [GeneratedRegex("[\"“”'‘](?<words>[^\"“”'’‘]{2,100})[\"“”'’]", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"[^\n]*\n?", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Line();
}
