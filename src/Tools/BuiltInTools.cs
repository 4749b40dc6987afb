using AgentMesh.Agents;
using AgentMesh.Tools.Calculator;
using AgentMesh.Tools.Csv;
using AgentMesh.Tools.Files;
using AgentMesh.Tools.Http;
using AgentMesh.Tools.Jira;
using AgentMesh.Tools.Knowledge;
using AgentMesh.Tools.Notify;
using AgentMesh.Tools.Sql;
using AgentMesh.Tools.Tickets;

namespace AgentMesh.Tools;

/// <summary>The tools that come with the mesh.</summary>
public static class BuiltInTools
{
    /// <summary>Those that are configured, in order of name. The calculator, csv.read and http.fetch always are.</summary>
    /// <param name="knowledge">Null leaves knowledge.search out.</param>
    /// <param name="services">Carries requests to the ticket service, Jira and the webhook; null for the network. Never used by http.fetch, which guards its own connections.</param>
    /// <param name="resolver">For http.fetch; null for the system's.</param>
    /// <exception cref="ArgumentException">A SQL connection string is none.</exception>
    /// <exception cref="DirectoryNotFoundException">The files root is gone.</exception>
    public static IReadOnlyList<ITool> Create(
        ToolsOptions options, TimeProvider time, IKnowledge? knowledge = null, HttpMessageHandler? services = null, IHostResolver? resolver = null)
    {
        var scope = options.Files is { } files ? new FilesScope(files) : null;
        var tools = new List<ITool>
        {
            new CalculatorTool(),
            new CsvReadTool(scope),
            new HttpFetchTool(options.Http, time, resolver),
        };
        if (scope is not null) tools.AddRange([new FilesListTool(scope), new FilesReadTool(scope, options.Files!.MaxCharacters), new FilesSearchTool(scope)]);
        if (options.Sql is { Connections.Count: > 0 } sql) tools.Add(new SqlQueryTool(sql));
        if (options.Tickets is { } tickets) tools.Add(new TicketCreateTool(tickets, time, services));
        if (options.Jira is { } jira) tools.Add(new JiraCreateIssueTool(jira, time, services));
        if (options.Notify is { } notify) tools.Add(new NotifySendTool(notify, time, services));
        if (knowledge is not null) tools.Add(new KnowledgeSearchTool(knowledge));
        return [.. tools.OrderBy(tool => tool.Descriptor.Name, StringComparer.Ordinal)];
    }
}
