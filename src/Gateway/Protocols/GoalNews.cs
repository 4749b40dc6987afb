using System.Runtime.CompilerServices;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Security;

namespace AgentMesh.Gateway.Protocols;

/// <summary>A goal's journal for clients that wait for an answer.</summary>
internal static class GoalNews
{
    /// <summary>From the beginning until the goal is over or only a person can move it.</summary>
    public static async IAsyncEnumerable<JournalEntry> UntilRest(CallerMesh mesh, GoalId goal, [EnumeratorCancellation] CancellationToken ct)
    {
        var open = 0;
        await foreach (var entry in mesh.Events(goal, follow: true, ct: ct))
        {
            yield return entry;
            open += entry.Event switch { ApprovalRequested or QuestionAsked => 1, ApprovalDecided or QuestionAnswered => -1, _ => 0 };
            if (open > 0 && await mesh.Get(goal, ct) is { Status: GoalStatus.Waiting } view && view.LastSequence <= entry.Sequence) yield break;
        }
    }

    /// <summary>An entry in a line for a person who watches; null where there is nothing to say.</summary>
    public static string? Line(JournalEntry entry) => entry.Event switch
    {
        PlanAccepted e => $"Plan {e.Plan.Version}: {string.Join(", ", e.Plan.Steps.Select(s => s.Id.Value))}",
        ReplanRequested e => $"Planning again: {e.Why.Reason}",
        StepStarted e => $"{e.Step}: attempt {e.Attempt} started",
        StepCompleted e => $"{e.Step}: {e.Artifact.Kind} by {e.Tier}",
        StepFailed e => $"{e.Step}: attempt {e.Attempt} failed: {e.Error}",
        StepSkipped e => $"{e.Step}: skipped: {e.Reason}",
        ToolClaimed e => $"{e.Step}: calls {e.Tool}",
        ApprovalRequested e => $"{e.Step}: asks for consent to {e.Tool}",
        QuestionAsked e => $"Asked: {e.Question}",
        MessageReceived e => $"{e.By} says: {e.Text}",
        _ => null,
    };
}
