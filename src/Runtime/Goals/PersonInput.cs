using AgentMesh.Agents.Schema;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>Checks what people decide before it enters the journal.</summary>
public static class PersonInput
{
    /// <returns>Null when the decision may be taken.</returns>
    public static MeshException? Error(ApprovalDecided decision, ApprovalRequested approval, MeshCatalogue catalogue)
    {
        if (decision.Verdict == ApprovalVerdict.Withdrawn) return new("verdict-invalid", "People approve, reject or edit; only the mesh withdraws.");
        if (decision.Verdict != ApprovalVerdict.Edited) return null;
        if (decision.Arguments is not { } arguments) return new("arguments-missing", "An edit needs the new arguments.");
        if (!catalogue.Tools.TryGetValue(approval.Tool, out var tool)) return null;
        var errors = SchemaValidator.For(tool).Validate(arguments);
        return errors.Count == 0 ? null : new("arguments-invalid", $"The arguments do not obey the schema of {approval.Tool}: {string.Join("; ", errors)}");
    }

    /// <summary>Whether it was decided so already, whoever did.</summary>
    public static bool IsDecided(ApprovalDecided? known, ApprovalDecided decision) => known?.Verdict == decision.Verdict && SameArguments(known, decision);

    private static bool SameArguments(ApprovalDecided a, ApprovalDecided b) =>
        a.Arguments is null && b.Arguments is null
        || a.Arguments is { } x && b.Arguments is { } y && RuntimeJson.Same(x, y);
}
