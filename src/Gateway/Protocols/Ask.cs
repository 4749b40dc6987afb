using AgentMesh.Contracts;
using AgentMesh.Gateway.Goals;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Limits;
using AgentMesh.Gateway.Security;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Protocols;

/// <summary>A goal as conversations bring it.</summary>
/// <param name="Text">The goal: what a person said last.</param>
/// <param name="Earlier">What was said before, oldest first.</param>
internal sealed record Ask(string Text, IReadOnlyList<Said> Earlier, IReadOnlyList<AttachedFile> Files, string? Playbook = null)
{
    /// <summary>Artifact kinds that the result must hold; empty leaves it to the planner.</summary>
    public IReadOnlyList<string> Wants { get; init; } = [];

    /// <summary>The last words of the user are the goal; all others, the program's own included, are what it stands in.</summary>
    /// <exception cref="ProblemException">422: no user says anything.</exception>
    public static Ask Of(IReadOnlyList<Said> said, IReadOnlyList<AttachedFile> files, string? playbook = null)
    {
        var last = said.Count - 1;
        while (last >= 0 && (said[last].Who != Said.User || string.IsNullOrWhiteSpace(said[last].Text))) last--;
        return last >= 0 ? new Ask(said[last].Text, [.. said.Where((s, at) => at != last && s.Text.Length > 0)], files, playbook)
            : throw ProblemException.Invalid("goal-empty", "No message of the user says anything. The last one is the goal: say in a sentence what is wanted.");
    }
}

internal sealed record Said(string Who, string Text)
{
    public const string User = "user";
}

/// <summary>Makes goals of what conversations ask.</summary>
internal sealed class GoalAsking(MeshCatalogue catalogue, GoalInputs inputs, GatewayOptions options)
{
    /// <summary>The file that holds what was said before. It is as untrusted as any file: the client says what its agent once answered.</summary>
    private const string Earlier = "conversation.md";

    /// <summary>Submits it as the caller; the same <c>Idempotency-Key</c> again is the same goal.</summary>
    public async Task<GoalId> Submit(HttpContext http, Ask ask, CancellationToken ct)
    {
        var (caller, mesh) = (Caller.Of(http), CallerMesh.Of(http));
        caller.Require(CallerRole.Submitter);
        var spec = new GoalSpec { Text = ask.Text, Tenant = caller.Tenant, SubmittedBy = caller.Name, Playbook = ask.Playbook, Wants = ask.Wants };
        var chosen = ChosenGoal.Of(http, null, spec.Tenant);
        if (SubmissionCheck.Error(spec, catalogue) is { } error) throw error;
        await mesh.Admit(spec.Tenant, ct);
        if (ask.Files.Count > options.MaxAttachments) throw ProblemException.Invalid("attachments-too-many", $"{ask.Files.Count} files; the limit is {options.MaxAttachments}.");
        spec = spec with { Inputs = await inputs.Read(Files(ask), static _ => { }, ct) };
        var goal = await mesh.Submit(spec, chosen, ct);
        if (chosen is not null) await SubmitEndpoint.RequireSame(mesh, goal, spec, ct);
        // What came is stored; whoever waits for the goal or follows it needs no more than its id.
        BodyBudget.Release(http);
        return goal;
    }

    private static IReadOnlyList<AttachedFile> Files(Ask ask) => ask.Earlier.Count == 0 ? ask.Files
        : [.. ask.Files, new AttachedFile(Earlier, System.Text.Encoding.UTF8.GetBytes(string.Join("\n\n", ask.Earlier.Select(s => $"## {s.Who}\n\n{s.Text}"))))];
}
