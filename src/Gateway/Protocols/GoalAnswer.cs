using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Artifacts;

namespace AgentMesh.Gateway.Protocols;

/// <summary>What a goal has to say, as a message in a conversation.</summary>
internal sealed class GoalAnswer(IContentStore store, GatewayOptions options)
{
    /// <summary>The result, what is asked of a person, or how it stands.</summary>
    public async Task<string> Of(GoalView view, CancellationToken ct) => view.Status switch
    {
        GoalStatus.Completed => await Result(view, ct),
        GoalStatus.Waiting => Asks(view),
        GoalStatus.Failed => $"The goal failed: {view.Reason}",
        GoalStatus.Cancelled => $"The goal was cancelled: {view.Reason}",
        _ => $"The goal goes on. GET /v1/goals/{view.Goal} shows how it stands.",
    };

    /// <summary>The artifacts that are the result, most wanted first, with their values.</summary>
    public async Task<IReadOnlyList<Artifact>> Artifacts(GoalView view, CancellationToken ct)
    {
        var found = new List<Artifact>();
        foreach (var id in view.Result)
            if (view.Artifacts.FirstOrDefault(a => a.Id == id) is { } artifact) found.Add(await ArtifactValue.Shown(artifact, store, options.MaxShownBytes, ct));
        return found;
    }

    /// <summary>What is open, and where it is decided.</summary>
    public static string Asks(GoalView view) => string.Join("\n", (IEnumerable<string>)
    [
        "A person is asked before this goes on.",
        .. view.OpenApprovals.Select(a => $"- Consent to {a.Tool} with {a.Arguments.GetRawText()}? {a.Why} Decide with POST /v1/goals/{view.Goal}/requests/{a.Request}/decision."),
        .. view.OpenQuestions.Select(q => $"- {q.Question}{Choices(q)} Answer with POST /v1/goals/{view.Goal}/requests/{q.Request}/answer."),
    ]);

    /// <summary>A value as a person reads it: its words where it has any, else its JSON.</summary>
    public static string Text(Artifact artifact) => artifact.Value switch
    {
        null => $"{artifact.Kind} {artifact.Id}: {artifact.Content?.Bytes} bytes",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { } value when Json.Member(value, "markdown") is { } markdown => markdown,
        { } value when Json.Member(value, "text") is { } text => Json.Member(value, "subject") is { } subject ? $"Subject: {subject}\n\n{text}" : text,
        { } value => value.GetRawText(),
    };

    private async Task<string> Result(GoalView view, CancellationToken ct) =>
        await Artifacts(view, ct) is { Count: > 0 } artifacts ? string.Join("\n\n", artifacts.Select(Text)) : $"Done: {view.Reason}";

    private static string Choices(QuestionAsked question) => question.Choices.Count == 0 ? "" : $" ({string.Join(", ", question.Choices)})";
}
