namespace AgentMesh.Runtime;

/// <summary>Tells work that may no longer speak for its goal from work that broke.</summary>
public static class Ownership
{
    /// <summary>The goal moved to another owner, or the store is away for longer than we wait: what ran here is void, the journal decides.</summary>
    public static bool IsLost(Exception e) => e is StaleWriterException or JournalUnavailableException or StaleAttemptException or ObjectDisposedException;
}
