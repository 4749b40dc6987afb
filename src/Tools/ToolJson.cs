using System.Text.Json.Serialization;
using AgentMesh.Tools.Calculator;
using AgentMesh.Tools.Csv;
using AgentMesh.Tools.Files;
using AgentMesh.Tools.Http;
using AgentMesh.Tools.Jira;
using AgentMesh.Tools.Knowledge;
using AgentMesh.Tools.Mail;
using AgentMesh.Tools.Notify;
using AgentMesh.Tools.Sql;
using AgentMesh.Tools.Tickets;

namespace AgentMesh.Tools;

/// <summary>The shapes that tools read and write.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(CalculatorArguments))]
[JsonSerializable(typeof(CalculatorResult))]
[JsonSerializable(typeof(CsvReadArguments))]
[JsonSerializable(typeof(CsvTable))]
[JsonSerializable(typeof(ListArguments))]
[JsonSerializable(typeof(ListResult))]
[JsonSerializable(typeof(ReadArguments))]
[JsonSerializable(typeof(ReadResult))]
[JsonSerializable(typeof(SearchArguments))]
[JsonSerializable(typeof(SearchResult))]
[JsonSerializable(typeof(MailMessage))]
[JsonSerializable(typeof(DocumentValue))]
[JsonSerializable(typeof(TableValue))]
[JsonSerializable(typeof(KnowledgeArguments))]
[JsonSerializable(typeof(KnowledgeResult))]
[JsonSerializable(typeof(NotifyArguments))]
[JsonSerializable(typeof(NotifyResult))]
[JsonSerializable(typeof(NotificationLine))]
[JsonSerializable(typeof(TicketArguments))]
[JsonSerializable(typeof(TicketResult))]
[JsonSerializable(typeof(TicketAnswer))]
[JsonSerializable(typeof(ProblemAnswer))]
[JsonSerializable(typeof(FetchArguments))]
[JsonSerializable(typeof(FetchResult))]
[JsonSerializable(typeof(IssueArguments))]
[JsonSerializable(typeof(IssueAnswer))]
[JsonSerializable(typeof(IssueResult))]
[JsonSerializable(typeof(IssueSearchAnswer))]
[JsonSerializable(typeof(JiraErrors))]
[JsonSerializable(typeof(SqlArguments))]
[JsonSerializable(typeof(SqlResult))]
internal sealed partial class ToolJson : JsonSerializerContext;
