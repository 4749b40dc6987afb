using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Doubles;

/// <summary>
/// Jira Cloud's REST API v3 as far as issues go: refuses what the real one refuses (credentials, unknown fields, odd summaries, labels, priorities and
/// documents), creates issues, and finds them by label through the current search endpoint only, with an index that lags.
/// </summary>
public sealed class JiraDouble : IAsyncDisposable
{
    private static readonly HashSet<string> Fields = ["project", "issuetype", "summary", "description", "priority", "labels"];
    private readonly List<(string Id, string Key, JsonObject Fields)> _issues = [];
    private TestServer _server = null!;

    public Uri Url => _server.Url;
    public IReadOnlyList<(string Id, string Key, JsonObject Fields)> Issues => _issues;

    /// <summary>Searches that see nothing yet.</summary>
    public int IndexLag { get; set; }

    /// <summary>Statuses to answer with before doing anything; 0 breaks the connection after the work is done.</summary>
    public Queue<int> Trouble { get; } = new();
    public int Searches { get; private set; }

    public static async Task<JiraDouble> Start()
    {
        var jira = new JiraDouble();
        jira._server = await TestServer.Start(jira.Answer);
        return jira;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task Answer(HttpContext http)
    {
        var trouble = Trouble.TryDequeue(out var status) ? status : -1;
        if (trouble > 0)
        {
            if (trouble == 429) http.Response.Headers.RetryAfter = "3";
            await Reply(http, trouble, Error("Trouble."));
            return;
        }

        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("bot@example.com:token"));
        if (http.Request.Headers.Authorization != expected) await Reply(http, 401, Error("Client must be authenticated to access this resource."));
        else if (http.Request.Method == "POST" && http.Request.Path == "/rest/api/3/issue") await Create(http, loseAnswer: trouble == 0);
        else if (http.Request.Method == "POST" && http.Request.Path == "/rest/api/3/search/jql") await Search(http);
        else if (http.Request.Path == "/rest/api/3/search") await Reply(http, 410, Error("The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."));
        else await Reply(http, 404, Error("Not found."));
    }

    private async Task Create(HttpContext http, bool loseAnswer)
    {
        var errors = new JsonObject();
        var body = await JsonNode.ParseAsync(http.Request.Body) as JsonObject;
        var fields = body?["fields"] as JsonObject ?? [];
        if (body is null || body.Any(property => property.Key is not ("fields" or "properties" or "update"))) errors["body"] = "Unrecognized field.";
        foreach (var field in fields.Where(field => !Fields.Contains(field.Key)))
            errors[field.Key] = $"Field '{field.Key}' cannot be set. It is not on the appropriate screen, or unknown.";
        if (fields["project"]?["key"]?.GetValue<string>() != "SUP") errors["project"] = "valid project is required";
        if (fields["issuetype"]?["name"]?.GetValue<string>() is not ("Task" or "Bug")) errors["issuetype"] = "Specify a valid issue type";
        var summary = fields["summary"]?.GetValue<string>() ?? "";
        if (string.IsNullOrWhiteSpace(summary)) errors["summary"] = "You must specify a summary of the issue.";
        else if (summary.AsSpan().IndexOfAny('\r', '\n') >= 0) errors["summary"] = "The summary is invalid because it contains newline characters.";
        else if (summary.Length > 255) errors["summary"] = "Summary can't exceed 255 characters.";
        if (fields["priority"] is { } priority && priority["name"]?.GetValue<string>() is not ("Highest" or "High" or "Medium" or "Low" or "Lowest"))
            errors["priority"] = "The priority selected is invalid.";
        foreach (var label in fields["labels"]?.AsArray() ?? [])
            if (label!.GetValue<string>() is var text && (text.Length is 0 or > 255 || text.Any(char.IsWhiteSpace))) errors["labels"] = $"The label '{text}' contains spaces which is invalid.";
        if (fields["description"] is { } description)
        {
            if (AdfProblem(description, null) is { } problem) errors["description"] = "Operation value must be an Atlassian Document (see the Atlassian Document Format): " + problem;
            else if (description.ToJsonString().Length > 200_000) errors["description"] = "The entered text is too long.";
        }

        if (errors.Count > 0)
        {
            await Reply(http, 400, new() { ["errorMessages"] = new JsonArray(), ["errors"] = errors });
            return;
        }

        var number = _issues.Count + 1;
        var (id, key) = ($"{10_000 + number}", $"SUP-{number}");
        _issues.Add((id, key, (JsonObject)fields.DeepClone()));
        if (loseAnswer) http.Abort();
        else await Reply(http, 201, new() { ["id"] = id, ["key"] = key, ["self"] = $"{Url}rest/api/3/issue/{id}" });
    }

    private async Task Search(HttpContext http)
    {
        Searches++;
        var body = await JsonNode.ParseAsync(http.Request.Body) as JsonObject;
        if (body!.Any(property => property.Key is not ("jql" or "maxResults" or "fields" or "nextPageToken" or "expand" or "properties" or "fieldsByKeys" or "failFast" or "reconcileIssues")))
        {
            await Reply(http, 400, Error("Invalid request payload. Refer to the REST API documentation and try again."));
            return;
        }

        var jql = body!["jql"]!.GetValue<string>();
        var found = new JsonArray();
        foreach (var (id, key, fields) in IndexLag-- > 0 ? [] : _issues)
            if (jql == $"project = \"SUP\" AND labels = \"{fields["labels"]![0]}\"") found.Add((JsonNode)new JsonObject { ["id"] = id, ["key"] = key, ["fields"] = new JsonObject() });
        await Reply(http, 200, new() { ["issues"] = found, ["isLast"] = true });
    }

    /// <summary>What is wrong with a document, by the rules of the format's schema; null when it is fine.</summary>
    public static string? AdfProblem(JsonNode node, string? parent)
    {
        if (node is not JsonObject element || element["type"]?.GetValue<string>() is not { } type) return "a node without a type";
        if (parent is null && (type != "doc" || element["version"]?.ToJsonString() != "1" || element["content"] is not JsonArray)) return "the root must be {type: doc, version: 1, content: []}";
        string[]? children = type switch
        {
            "doc" when parent is null => ["paragraph", "heading", "bulletList", "orderedList", "codeBlock", "blockquote", "rule"],
            "paragraph" or "heading" => ["text", "hardBreak"],
            "bulletList" or "orderedList" => ["listItem"],
            "listItem" => ["paragraph", "bulletList", "orderedList", "codeBlock"],
            "blockquote" => ["paragraph", "bulletList", "orderedList", "codeBlock"],
            "codeBlock" => ["text"],
            "text" or "hardBreak" or "rule" => [],
            _ => null,
        };
        if (children is null) return $"unknown node {type}";
        if (type == "heading" && element["attrs"]?["level"]?.GetValue<int>() is not (>= 1 and <= 6)) return "a heading needs a level from 1 to 6";
        if (type == "text" && TextProblem(element, parent!) is { } problem) return problem;
        if (type is "bulletList" or "orderedList" or "listItem" or "blockquote" && element["content"] is not JsonArray { Count: > 0 }) return $"{type} must have content";
        foreach (var child in element["content"] as JsonArray ?? [])
        {
            var name = child?["type"]?.GetValue<string>() ?? "";
            if (!children.Contains(name)) return $"{name} is not allowed in {type}";
            if (AdfProblem(child!, type) is { } inner) return inner;
        }

        return null;
    }

    private static string? TextProblem(JsonObject element, string parent)
    {
        if (element["text"]?.GetValue<string>() is not { Length: > 0 } text) return "an empty text node";
        if (text.Any(c => char.IsControl(c) && !(parent == "codeBlock" && c is '\n' or '\t'))) return "control characters in text";
        var marks = (element["marks"] as JsonArray ?? []).Select(mark => mark!["type"]!.GetValue<string>()).ToArray();
        if (marks.Any(mark => mark is not ("code" or "strong" or "em" or "link" or "strike" or "underline"))) return "an unknown mark";
        if (parent == "codeBlock" && marks.Length > 0) return "marks in a code block";
        if (marks.Contains("code") && marks.Any(mark => mark is not ("code" or "link"))) return "a code mark beside others";
        foreach (var mark in element["marks"] as JsonArray ?? [])
            if (mark!["type"]!.GetValue<string>() == "link" && mark["attrs"]?["href"]?.GetValue<string>() is not { Length: > 0 }) return "a link without an address";
        return null;
    }

    private static JsonObject Error(string message) => new() { ["errorMessages"] = new JsonArray(message), ["errors"] = new JsonObject() };

    private static Task Reply(HttpContext http, int status, JsonObject body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(body.ToJsonString());
    }
}
