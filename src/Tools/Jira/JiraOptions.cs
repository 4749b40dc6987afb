namespace AgentMesh.Tools.Jira;

/// <param name="Url">The site: <c>https://your-team.atlassian.net</c>.</param>
/// <param name="Email">Of the account that <paramref name="Token"/> belongs to.</param>
/// <param name="Token">An API token of that account.</param>
/// <param name="Project">Key of the project that issues go to.</param>
/// <param name="IssueType">By name; the project must have it.</param>
/// <param name="SafeDelay">How long a search must have found nothing before an issue counts as not created: Jira's index lags behind.</param>
/// <param name="Timeout">For one request.</param>
public sealed record JiraOptions(
    Uri Url, string Email, string Token, string Project, string IssueType = "Task", TimeSpan? SafeDelay = null, TimeSpan? Timeout = null)
{
    /// <summary>Without the token, which must not reach a log.</summary>
    public override string ToString() => $"JiraOptions {{ Url = {Url}, Email = {Email}, Project = {Project}, IssueType = {IssueType} }}";
}
