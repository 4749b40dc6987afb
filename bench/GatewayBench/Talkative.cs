using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.GatewayBench;

/// <summary>Goals for followers: many steps in a row, each of which takes its time and says much.</summary>
internal static class Talkative
{
    private const int Steps = 40;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly System.Text.Json.JsonElement Value = MeshJson.Parse($$"""{"text":"{{new string('x', 24_000)}}"}""");

    public static (MeshCatalogue Catalogue, PlanRunner Planner, StepRunner Steps) Parts()
    {
        var catalogue = MeshCatalogue.Empty with
        {
            Roles = new Dictionary<string, RoleDescriptor>(StringComparer.Ordinal) { ["talker"] = new() { Name = "talker", Purpose = "Talks." } },
        };
        return (catalogue, new PlanRunner(new Planner(), catalogue), new StepRunner(
            new Talker(), new Toolbox([]), NoModels.Instance, new InlineOnly(), catalogue, new RuntimeOptions { InlineArtifactBytes = 64 * 1024 }, TimeProvider.System, NullLogger<StepRunner>.Instance));
    }

    private sealed class Talker : IAgent
    {
        public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
        {
            await Task.Delay(Pause, ct);
            return new StepOutcome.Completed(Value, 1, "rules", Rationale.Because("It talks."));
        }
    }

    private sealed class Planner : IPlanner
    {
        public Task<PlanMade> Plan(PlanRequest request, GoalBudget budget, CancellationToken ct) => Task.FromResult(new PlanMade(PlanAtOnce(request), [], null));

        public Plan? PlanAtOnce(PlanRequest request) => new()
        {
            Version = request.Version, Deliver = [new ArtifactId($"talk-{Steps}")], Proposer = "bench", Why = Rationale.Because("It is always the same."),
            Steps =
            [
                .. Enumerable.Range(1, Steps).Select(n => new PlanStep
                {
                    Id = new StepId($"talk-{n}"), Role = "talker", Instruction = "Talk.", Produces = "document", Inputs = n == 1 ? [] : [new ArtifactId($"talk-{n - 1}")],
                }),
            ],
        };
    }

    private sealed class InlineOnly : IContentStore
    {
        public Task<ContentRef> Put(ReadOnlyMemory<byte> content, string mediaType, CancellationToken ct) => throw new NotSupportedException();

        public Task<ReadOnlyMemory<byte>> Get(ContentRef content, CancellationToken ct) => throw new NotSupportedException();
    }
}
