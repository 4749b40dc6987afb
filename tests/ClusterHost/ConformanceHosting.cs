using AgentMesh.Agents;
using AgentMesh.EngineConformance;
using AgentMesh.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.ClusterHost;

internal static class ConformanceHosting
{
    /// <summary>Everything that the engine wants of its host, made of the suite's parts.</summary>
    public static IServiceCollection AddConformanceParts(
        this IServiceCollection services, ConformanceParts parts, IJournal journal, IWriterRegistry writers, IContentStore content) => services
        .AddSingleton(journal)
        .AddSingleton(writers)
        .AddSingleton(content)
        .AddSingleton(parts.Catalogue)
        .AddSingleton<IKnowledge>(new NoKnowledge())
        .AddSingleton(new PlanRunner(parts.Planner, parts.Catalogue))
        .AddSingleton(new StepRunner(
            parts.Agent, parts.Toolbox, parts.Models, content, parts.Catalogue, parts.Runtime, TimeProvider.System, NullLogger<StepRunner>.Instance))
        .AddSingleton(new DirectRunner(parts.Agent, parts.Toolbox, parts.Models, parts.Catalogue, parts.Runtime, TimeProvider.System));
}

internal sealed class NoKnowledge : IKnowledge
{
    public Task Add(KnowledgeDocument document, CancellationToken ct) => throw new NotSupportedException();

    public Task<IReadOnlyList<Passage>> Search(string tenant, IReadOnlyList<string> collections, string query, int limit, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<Passage>>([]);

    public Task<IReadOnlyList<KnowledgeEntry>> List(string tenant, string? collection, CancellationToken ct) => throw new NotSupportedException();
}
