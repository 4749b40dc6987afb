using AgentMesh.Storage;

namespace AgentMesh.Conformance;

/// <summary>Disposes the stores that a test opened.</summary>
public abstract class StoreTests : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _opened = [];

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected PostgresStore Keep(PostgresStore store)
    {
        _opened.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var opened in _opened) await opened.DisposeAsync();
    }
}
