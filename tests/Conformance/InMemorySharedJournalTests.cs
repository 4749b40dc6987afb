using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;

namespace AgentMesh.Conformance;

public sealed class InMemorySharedJournalTests : SharedJournalConformance
{
    protected override Task<(IJournal Journal, IWriterRegistry Writers)> Open()
    {
        var journal = new InMemoryJournal();
        return Task.FromResult<(IJournal, IWriterRegistry)>((journal, journal));
    }
}
