using AgentMesh.Runtime;

namespace AgentMesh.Storage.Journal;

/// <summary>Runs what may be repeated through an outage of the store, and ends as the journal's port says.</summary>
internal static class JournalPatience
{
    /// <exception cref="JournalUnavailableException">The store stayed away.</exception>
    public static async Task<T> Outlast<T>(TimeProvider time, TimeSpan patience, Func<CancellationToken, Task<T>> request, CancellationToken ct)
    {
        try
        {
            return await StoreTrouble.Outlast(time, patience, request, ct);
        }
        catch (StoreUnavailableException away)
        {
            throw new JournalUnavailableException(away.Message, away.InnerException);
        }
    }
}
