using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Runtime;

namespace AgentMesh.Gateway.Goals;

/// <summary>What people say to goals, checked once for every protocol.</summary>
internal static class PeopleWords
{
    public static ApprovalDecided Decided(string request, DecisionRequest body, string by)
    {
        var verdict = body.Verdict switch
        {
            "approve" => ApprovalVerdict.Approved,
            "reject" => ApprovalVerdict.Rejected,
            "edit" => ApprovalVerdict.Edited,
            _ => throw ProblemException.Invalid("verdict-invalid", "verdict is approve, reject or edit."),
        };
        if (verdict != ApprovalVerdict.Edited && body.Arguments is not null)
            throw ProblemException.Invalid("arguments-unexpected", "Only an edit has arguments: a consent holds for exactly those that were asked about.");
        var reason = body.Reason is { } why ? Text(why, "reason") : null;
        return new ApprovalDecided(Request(request), verdict, by, reason, body.Arguments);
    }

    public static QuestionAnswered Answered(string request, string answer, string by) => new(Request(request), by, Text(answer, "answer"));

    public static string Text(string text, string what) => Input.Text(text, what, SubmissionCheck.LongestText);

    private static RequestId Request(string text) => new(Input.Name(text, "A request's id"));
}
