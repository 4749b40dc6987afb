using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.AI;

namespace AgentMesh.Agents;

/// <summary>Asks a model for a plan, shows it the roles and tools that fit the goal, and completes what it left out.</summary>
public sealed class ModelProposer(IPlanningModel model, PlanningMeans means, IPlanExamples examples) : IPlanProposer
{
    private const int MaxExamples = 2;
    private const int MaxAnswerTokens = 2_000;

    public string Name => model.Name is { } name ? $"model:{name}" : "model";

    public async ValueTask<Proposal> Propose(PlanRequest request, CancellationToken ct)
    {
        if (model.Name is null) return new(null, "No model is configured; set AGENTMESH_MODEL (a .gguf file, or with AGENTMESH_MODEL_URL a name there) to let one plan.");

        var context = means.Apply(request.Context());
        var similar = await examples.Find(request, MaxExamples, ct);
        var options = new ChatOptions
        {
            Temperature = 0,
            MaxOutputTokens = MaxAnswerTokens,
            ResponseFormat = ChatResponseFormat.ForJsonSchema(PlanPrompt.Schema, "plan", "A plan of steps for agents."),
        };
        var response = await model.Ask(request, PlanPrompt.Messages(request, context, similar), options, ct);
        if (PlanAnswer.Read(response.Text, request, Name, out var reason) is not { } answered) return new(null, reason);

        var kept = Merge(answered, context);
        var repaired = TypedPlanner.Repair(kept, context);
        var added = repaired.Steps.Where(s => !kept.Steps.Any(k => k.Id == s.Id)).Select(s => s.Id.Value).ToList();
        var evidence = similar.Select(e => e.Goal.Value);
        return new(
            repaired with
            {
                Why = repaired.Why with
                {
                    Reason = added.Count == 0 ? reason : $"{reason} Completed by types: {string.Join(", ", added)}.",
                    Evidence = [.. repaired.Why.Evidence, .. evidence],
                },
            },
            reason);
    }

    // Steps that are done, or under way and named again, stay as they were, whatever the model made of their wording.
    private static Plan Merge(Plan plan, PlanContext context)
    {
        var kept = PlanRemainder.Of(context);
        var done = kept.Where(s => context.IsDone(s.Id));
        var ahead = plan.Steps.Where(s => !context.IsDone(s.Id))
            .Select(s => kept.FirstOrDefault(k => k.Id == s.Id && k.Role == s.Role && k.Produces == s.Produces) ?? s);
        return plan with { Steps = [.. done, .. ahead] };
    }
}
