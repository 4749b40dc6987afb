namespace AgentMesh.Orchestration;

/// <summary>A text that is no condition, with the place and what would be right.</summary>
/// <param name="position">1-based character.</param>
public sealed class ConditionException(string reason, int position) : FormatException($"At character {position}: {reason}")
{
    public string Reason { get; } = reason;
    public int Position { get; } = position;
}
