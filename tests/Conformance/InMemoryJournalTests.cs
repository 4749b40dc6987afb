using AgentMesh.Contracts;
using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;

namespace AgentMesh.Conformance;

public sealed class InMemoryJournalTests : JournalConformance
{
    protected override Task<IJournal> Open() => Task.FromResult<IJournal>(new InMemoryJournal());

    protected override IUsage Usage(IJournal journal) => (InMemoryJournal)journal;
}
