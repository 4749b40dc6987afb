using System.Globalization;
using AgentMesh.Tools.Files;
using AgentMesh.Tools.Http;
using AgentMesh.Tools.Jira;
using AgentMesh.Tools.Notify;
using AgentMesh.Tools.Sql;
using AgentMesh.Tools.Tickets;

namespace AgentMesh.Tools;

/// <summary>What the built-in tools may reach. A part that is null leaves its tools out.</summary>
public sealed record ToolsOptions
{
    public HttpFetchOptions Http { get; init; } = new(HostAllowList.Parse(""));
    public FilesOptions? Files { get; init; }
    public SqlOptions? Sql { get; init; }
    public TicketsOptions? Tickets { get; init; }
    public JiraOptions? Jira { get; init; }
    public NotifyOptions? Notify { get; init; } = new(NotifyFileIn(".agentmesh"));

    /// <summary>Every variable that <see cref="FromEnvironment"/> reads: name, default, meaning. For help texts and the README.</summary>
    public static IReadOnlyList<ToolVariable> Variables { get; } =
    [
        new("AGENTMESH_HTTP_ALLOW", "", "Hosts that http.fetch may go to: host, *.host, host:port, http://host:port; apart by blanks or commas. Without a scheme https."),
        new("AGENTMESH_FILES_ROOT", "", "Folder for files.list, files.read, files.search and csv.read. Without it there are no files tools."),
        new("AGENTMESH_SQL_<NAME>", "", "Npgsql connection string of a database that sql.query may read, one variable per database. Use a role that can only SELECT."),
        new("AGENTMESH_TICKETS_URL", "", "Base address of the ticket service. Without it there is no ticket.create."),
        new("AGENTMESH_JIRA_URL", "", "Jira Cloud site, https://your-team.atlassian.net. Without it there is no jira.create_issue."),
        new("AGENTMESH_JIRA_EMAIL", "", "Account of the API token."),
        new("AGENTMESH_JIRA_TOKEN", "", "API token."),
        new("AGENTMESH_JIRA_PROJECT", "", "Key of the project that issues go to."),
        new("AGENTMESH_JIRA_ISSUE_TYPE", "Task", "Issue type by name."),
        new("AGENTMESH_JIRA_SAFE_DELAY", "60", "Seconds that Jira's search must show no issue before a lost creation counts as not made; 0 always asks a person."),
        new("AGENTMESH_NOTIFY_FILE", "notifications.jsonl in AGENTMESH_HOME", "File that notifications are appended to; 'off' for none."),
        new("AGENTMESH_NOTIFY_WEBHOOK", "", "Address that notifications are posted to."),
        new("AGENTMESH_NOTIFY_WEBHOOK_IDEMPOTENT", "false", "true when the webhook drops a repeated Idempotency-Key."),
    ];

    private const string SqlPrefix = "AGENTMESH_SQL_";

    /// <param name="get">A variable's value, null when it is not set.</param>
    /// <param name="names">Names of all variables, to find the databases among; null for those of this process.</param>
    /// <exception cref="ToolsConfigurationException">Values are wrong; all of them are named.</exception>
    public static ToolsOptions FromEnvironment(Func<string, string?> get, IEnumerable<string>? names = null)
    {
        var read = new EnvironmentReader(get);
        names ??= Environment.GetEnvironmentVariables().Keys.Cast<string>();
        var options = new ToolsOptions
        {
            Http = new(read.Parsed("AGENTMESH_HTTP_ALLOW", "", HostAllowList.Parse) ?? HostAllowList.Parse("")),
            Files = ReadFiles(read),
            Sql = ReadSql(read, names),
            Tickets = read.Url("AGENTMESH_TICKETS_URL") is { } tickets ? new(tickets) : null,
            Jira = ReadJira(read),
            Notify = ReadNotify(read),
        };
        read.ThrowIfBad();
        return options;
    }

    private static FilesOptions? ReadFiles(EnvironmentReader read)
    {
        if (read.Text("AGENTMESH_FILES_ROOT") is not { } root) return null;
        if (Directory.Exists(root)) return new(root);
        read.Bad("AGENTMESH_FILES_ROOT", $"'{root}' is not a folder; create it or name another.");
        return null;
    }

    private static SqlOptions? ReadSql(EnvironmentReader read, IEnumerable<string> names)
    {
        var connections = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in names.Where(name => name.StartsWith(SqlPrefix, StringComparison.Ordinal) && name.Length > SqlPrefix.Length))
        {
            if (read.Text(variable) is not { } connection) continue;
            if (SqlQueryTool.IsConnectionString(connection)) connections[variable[SqlPrefix.Length..].ToLowerInvariant()] = connection;
            else read.Bad(variable, "The value is no Npgsql connection string; write Host=…;Database=…;Username=…;Password=….");
        }

        return connections.Count > 0 ? new(connections) : null;
    }

    private static JiraOptions? ReadJira(EnvironmentReader read)
    {
        if (read.Url("AGENTMESH_JIRA_URL") is not { } url) return null;
        var email = read.Required("AGENTMESH_JIRA_EMAIL", "AGENTMESH_JIRA_URL");
        var token = read.Required("AGENTMESH_JIRA_TOKEN", "AGENTMESH_JIRA_URL");
        var project = read.Required("AGENTMESH_JIRA_PROJECT", "AGENTMESH_JIRA_URL");
        if (url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback) read.Bad("AGENTMESH_JIRA_URL", "Use https: the token would be readable on the way.");
        if (project is not null && !project.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) read.Bad("AGENTMESH_JIRA_PROJECT", $"'{project}' is no project key; it is like SUP.");
        var delay = read.Parsed("AGENTMESH_JIRA_SAFE_DELAY", "60", text => (object)TimeSpan.FromSeconds(Seconds(text)));
        return email is null || token is null || project is null
            ? null
            : new(url, email, token, project, read.Text("AGENTMESH_JIRA_ISSUE_TYPE") ?? "Task", (TimeSpan?)delay);
    }

    private static int Seconds(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 3_600
            ? seconds
            : throw new FormatException($"'{text}' is not a number of seconds from 0 to 3600.");

    private static string NotifyFileIn(string home) => Path.Combine(home, "notifications.jsonl");

    private static NotifyOptions? ReadNotify(EnvironmentReader read)
    {
        var file = read.Text("AGENTMESH_NOTIFY_FILE") ?? NotifyFileIn(read.Text("AGENTMESH_HOME") ?? ".agentmesh");
        if (file.Equals("off", StringComparison.OrdinalIgnoreCase)) file = null;
        var webhook = read.Url("AGENTMESH_NOTIFY_WEBHOOK");
        var idempotent = read.Parsed("AGENTMESH_NOTIFY_WEBHOOK_IDEMPOTENT", "false", text => (object)(text.ToLowerInvariant() switch
        {
            "true" or "1" or "yes" => true,
            "false" or "0" or "no" => false,
            _ => throw new FormatException($"'{text}' is neither true nor false."),
        }));
        return file is null && webhook is null ? null : new(file, webhook, idempotent is true);
    }
}

/// <param name="Default">Empty for none.</param>
public sealed record ToolVariable(string Name, string Default, string Meaning);

/// <summary>The environment sets tools up wrongly.</summary>
public sealed class ToolsConfigurationException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>One sentence per bad value, each beginning with the variable's name.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
