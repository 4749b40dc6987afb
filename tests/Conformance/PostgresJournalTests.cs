using AgentMesh.Runtime;
using AgentMesh.Storage;

namespace AgentMesh.Conformance;

public sealed class PostgresJournalTests(PostgresServer server) : JournalConformance, IAsyncLifetime
{
    private PostgresStore? _store;

    public async ValueTask InitializeAsync() => _store = await server.NewStore();

    public ValueTask DisposeAsync() => _store!.DisposeAsync();

    protected override Task<IJournal> Open() => Task.FromResult<IJournal>(_store!.Journal);
}
