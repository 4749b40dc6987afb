using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Tools.Http;

namespace AgentMesh.Tools.Jira;

internal sealed record IssueArguments(string Title, string Body, string? Urgency = null, IReadOnlyList<string>? Labels = null);

/// <summary>The value of an <c>issue</c> artifact.</summary>
internal sealed record IssueResult(string Key, string Url, string Id);
internal sealed record IssueAnswer(string Id, string Key);
internal sealed record IssueSearchAnswer(IReadOnlyList<IssueAnswer> Issues);
internal sealed record JiraErrors(IReadOnlyList<string>? ErrorMessages = null, IReadOnlyDictionary<string, string>? Errors = null);

/// <summary>
/// <c>jira.create_issue</c> over Jira Cloud's REST API v3. Jira has no idempotency keys, so the tool is <see cref="ToolEffect.Once"/>: every issue carries a label
/// made from the call's key, by which a lost answer is looked up instead of asked for again.
/// </summary>
public sealed class JiraCreateIssueTool : IReconcilableTool
{
    public const string Name = "jira.create_issue";
    private const string Service = "Jira";
    private const int MaxSummary = 255;
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DefaultSafeDelay = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(10);
    private readonly JiraOptions _options;
    private readonly TimeProvider _time;
    private readonly ServiceClient _client;

    public JiraCreateIssueTool(JiraOptions options, TimeProvider time, HttpMessageHandler? handler = null)
    {
        _options = options;
        _time = time;
        _client = new(Service, options.Url, time, options.Timeout ?? DefaultTimeout, handler)
        {
            Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.Email}:{options.Token}"))),
        };
    }

    public ToolDescriptor Descriptor { get; } = new()
    {
        Name = Name,
        Description = "Creates an issue in Jira and returns its key and link. The body is Markdown.",
        Parameters = Schema,
        Result = ResultSchema,
        Effect = ToolEffect.Once,
        Approval = ToolApproval.WhenUntrusted,
        Timeout = TimeSpan.FromMinutes(2),
    };

    public async Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var body = Issue(ToolArguments.Read(call, ToolJson.Default.IssueArguments), Label(call.Key)).ToJsonString();
        var answer = await SendPatiently(HttpMethod.Post, "rest/api/3/issue", body, ct);
        if (answer.Status != HttpStatusCode.Created) throw Failure(answer, "create the issue");
        return Result(Parse(answer, ToolJson.Default.IssueAnswer));
    }

    /// <summary>
    /// Looks for the call's label until it is found or the safe delay has passed: the index shows a new issue only after some seconds, and a request
    /// that was on its way when the host died may still arrive.
    /// </summary>
    public async Task<Reconciliation> Reconcile(ToolCall call, CancellationToken ct)
    {
        var label = Label(call.Key);
        var started = _time.GetTimestamp();
        var safe = _options.SafeDelay ?? DefaultSafeDelay;
        while (true)
        {
            var issues = await Find(label, ct);
            if (issues.Count == 1) return new Reconciliation.Happened(Result(issues[0]));
            if (issues.Count > 1)
                return new Reconciliation.CannotTell($"More than one issue carries the label {label}: {string.Join(", ", issues.Select(issue => issue.Key))}.");
            var left = safe - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) break;
            await Task.Delay(left < ProbeInterval ? left : ProbeInterval, _time, ct);
        }

        return safe > TimeSpan.Zero
            ? new Reconciliation.DidNotHappen()
            : new Reconciliation.CannotTell($"No issue carries the label {label} yet, but Jira's search lags behind; look for it in project {_options.Project}.");
    }

    /// <summary>Names the call on the issue: labels must not hold spaces, and a goal's id may be long.</summary>
    internal static string Label(string key) => "agentmesh-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..20];

    private async Task<IReadOnlyList<IssueAnswer>> Find(string label, CancellationToken ct)
    {
        var query = new JsonObject
        {
            ["jql"] = $"project = \"{_options.Project}\" AND labels = \"{label}\"",
            ["maxResults"] = 5,
            ["fields"] = new JsonArray("summary"),
        };
        var answer = await SendPatiently(HttpMethod.Post, "rest/api/3/search/jql", query.ToJsonString(), ct);
        if (!answer.IsSuccess) throw Failure(answer, "search for the issue");
        return Parse(answer, ToolJson.Default.IssueSearchAnswer).Issues;
    }

    private JsonObject Issue(IssueArguments arguments, string label)
    {
        var labels = new JsonArray(label);
        foreach (var extra in (arguments.Labels ?? []).Select(text => string.Join('-', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))))
            if (extra.Length is > 0 and <= 255) labels.Add((JsonNode)extra);
        return new()
        {
            ["fields"] = new JsonObject
            {
                ["project"] = new JsonObject { ["key"] = _options.Project },
                ["issuetype"] = new JsonObject { ["name"] = _options.IssueType },
                ["summary"] = Summary(arguments.Title),
                ["description"] = AdfDocument.From(arguments.Body),
                ["priority"] = new JsonObject { ["name"] = Priority(arguments.Urgency) },
                ["labels"] = labels,
            },
        };
    }

    /// <summary>Jira wants one line of at most 255 characters.</summary>
    private static string Summary(string title)
    {
        var line = string.Join(' ', title.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        line = string.Concat(line.Where(c => !char.IsControl(c)));
        if (line.Length == 0) throw ToolArguments.Wrong("The title is empty; give the issue one.");
        if (line.Length <= MaxSummary) return line;
        var cut = MaxSummary - 1;
        if (char.IsHighSurrogate(line[cut - 1])) cut--;
        return line[..cut] + "…";
    }

    /// <summary>The names of Jira's default priority scheme.</summary>
    private static string Priority(string? urgency) => urgency switch
    {
        "low" => "Low",
        null or "normal" => "Medium",
        "high" => "High",
        "critical" => "Highest",
        _ => throw ToolArguments.Wrong($"Urgency '{urgency}' is unknown; use low, normal, high or critical."),
    };

    /// <summary>Waits out rate limits (429: nothing was done) as long as they are short.</summary>
    private async Task<ServiceAnswer> SendPatiently(HttpMethod method, string path, string body, CancellationToken ct)
    {
        var waited = TimeSpan.Zero;
        while (true)
        {
            var answer = await _client.Send(method, path, body, idempotencyKey: null, ct);
            if (answer.Status != HttpStatusCode.TooManyRequests) return answer;
            var wait = answer.RetryAfter ?? TimeSpan.FromSeconds(2);
            if (wait < TimeSpan.FromSeconds(1)) wait = TimeSpan.FromSeconds(1);
            waited += wait;
            if (waited > LongestWait) return answer;
            await Task.Delay(wait, _time, ct);
        }
    }

    private ToolResult Result(IssueAnswer issue) =>
        ToolArguments.Result(new(issue.Key, new Uri(_client.BaseAddress, $"browse/{issue.Key}").AbsoluteUri, issue.Id), ToolJson.Default.IssueResult);

    private static T Parse<T>(ServiceAnswer answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type) ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new ToolException(FailureKind.Transient, $"{Service} answered something unexpected: {answer.Excerpt}", effectPossible: true, exception);
        }
    }

    private static ToolException Failure(ServiceAnswer answer, string what)
    {
        var reason = Reason(answer);
        return (int)answer.Status switch
        {
            401 => new(FailureKind.Permanent, "Jira does not accept the credentials; check AGENTMESH_JIRA_EMAIL and AGENTMESH_JIRA_TOKEN."),
            403 => new(FailureKind.Permanent, $"The Jira account may not {what}: {reason}"),
            429 => new(FailureKind.Transient, $"Jira asks for fewer requests{(answer.RetryAfter is { } wait ? $" for {wait.TotalSeconds:0} s" : "")}."),
            408 or >= 500 => new(FailureKind.Transient, $"Jira could not {what} (status {(int)answer.Status}): {reason}", effectPossible: true),
            >= 200 and < 300 => new(FailureKind.Transient, $"Jira answered status {(int)answer.Status} where 201 is expected: {reason}", effectPossible: true),
            _ => new(FailureKind.Permanent, $"Jira refused to {what} (status {(int)answer.Status}): {reason}"),
        };
    }

    private static string Reason(ServiceAnswer answer)
    {
        try
        {
            var errors = JsonSerializer.Deserialize(answer.Body, ToolJson.Default.JiraErrors);
            List<string> all = [.. errors?.ErrorMessages ?? [], .. (errors?.Errors ?? new Dictionary<string, string>(StringComparer.Ordinal)).Select(error => $"{error.Key}: {error.Value}")];
            if (all.Count > 0) return string.Join(" ", all);
        }
        catch (JsonException)
        {
            // A proxy in front of Jira answers with HTML.
        }

        return answer.Excerpt.Length > 0 ? answer.Excerpt : "no reason given.";
    }

    private static readonly JsonElement ResultSchema = MeshJson.Parse("""
        {
          "type": "object",
          "required": ["key", "url", "id"],
          "properties": {
            "key": { "type": "string", "minLength": 1 },
            "url": { "type": "string", "minLength": 1 },
            "id": { "type": "string", "minLength": 1 }
          }
        }
        """);

    private static readonly JsonElement Schema = MeshJson.Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["title", "body"],
          "properties": {
            "title": { "type": "string", "minLength": 1, "maxLength": 1000, "description": "One line; cut to 255 characters" },
            "body": { "type": "string", "minLength": 1, "maxLength": 100000, "description": "Markdown: headings, lists, code, links" },
            "urgency": { "enum": ["low", "normal", "high", "critical"] },
            "labels": { "type": "array", "maxItems": 20, "items": { "type": "string", "minLength": 1, "maxLength": 255 } }
          }
        }
        """);
}
