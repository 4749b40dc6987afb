using System.Diagnostics;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using AgentMesh.Runtime.Telemetry;

namespace AgentMesh.Runtime;

/// <summary>Makes a plan for a goal and brings it, or why there is none.</summary>
public sealed class PlanRunner(IPlanner planner, MeshCatalogue catalogue, TelemetryOptions? telemetry = null)
{
    private readonly TelemetryOptions telemetry = telemetry ?? new TelemetryOptions();

    /// <summary>How often a valid plan is made anew because the goal moved on meanwhile.</summary>
    private const int Tries = 3;

    public async Task Run(
        GoalState state, int version, GoalBudget budget, Func<IReadOnlyList<GoalEvent>, Task<string?>> post, CancellationToken ct)
    {
        using var span = GoalSpans.Planning(state, version, telemetry);
        var errors = new List<string>();
        var usage = default(Usage);
        for (var i = 0; i < Tries; i++)
        {
            var made = await Made(Request(state, version, errors), budget, ct);
            if (made.Usage is { } spent) usage = spent + (usage ?? Usage.None);
            span?.SetTag("agentmesh.plan.proposer", made.Plan?.Proposer);
            if (made.Plan is not { } plan)
            {
                span?.Failed("no_plan");
                span?.Stop();
                await post([new PlanRejected(version, made.Errors, usage)]);
                return;
            }

            span?.Stop();
            if (await post([new PlanAccepted(plan, usage)]) is not { } refusal) return;
            errors.Add(refusal);
        }

        await post([new PlanRejected(version, errors, usage)]);
    }

    /// <summary>The plan, where the planner needs nothing but the goal to make it; null where it must take its time.</summary>
    public PlanAccepted? AtOnce(GoalState state, int version)
    {
        using var span = GoalSpans.Planning(state, version, telemetry);
        var plan = planner.PlanAtOnce(Request(state, version, []));
        span?.SetTag("agentmesh.plan.proposer", plan?.Proposer);
        // The plan that takes its time has a span of its own.
        if (plan is null && span is not null) span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        return plan is null ? null : new PlanAccepted(plan);
    }

    // A planner that breaks must not leave the goal waiting for its plan.
    private async Task<PlanMade> Made(PlanRequest request, GoalBudget budget, CancellationToken ct)
    {
        try
        {
            return await planner.Plan(request, budget, ct);
        }
        catch (BudgetExceededException e)
        {
            return new PlanMade(null, [e.Message], null);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return new PlanMade(null, [$"Planning broke: {e.GetType().Name}: {e.Message}"], null);
        }
    }

    private PlanRequest Request(GoalState state, int version, IReadOnlyList<string> errors) => new(
        state.Goal, state.Spec, version, Allowed(state), [.. state.Artifacts.Where(a => a.Origin.Step is not null)], state.Plan, state.PlanningWhy, errors,
        state.Messages)
    {
        Failed = [.. state.Steps.Where(s => s is { Status: StepStatus.Failed } or { Status: StepStatus.Cancelled, Attempt: > 0 }).Select(s => s.Id)],
        Skipped = [.. state.Steps.Where(s => s is { Status: StepStatus.Skipped } or { Status: StepStatus.Cancelled, Attempt: 0 }).Select(s => s.Id)],
    };

    // A tool that a person refused to this goal is not planned with again.
    private MeshCatalogue Allowed(GoalState state)
    {
        var refused = state.Requests.Where(r => r.Decision?.Verdict == ApprovalVerdict.Rejected).Select(r => r.Approval!.Tool).ToHashSet(StringComparer.Ordinal);
        var scope = state.Spec.Constraints.Tools;
        return refused.Count == 0 && scope is null
            ? catalogue
            : catalogue with
            {
                Tools = catalogue.Tools.Where(t => !refused.Contains(t.Key) && (scope is null || scope.Contains(t.Key, StringComparer.Ordinal)))
                    .ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal),
            };
    }
}

/// <summary>Makes plans that pass the validator.</summary>
public interface IPlanner
{
    /// <param name="budget">Model calls of planning are reserved here like any other.</param>
    Task<PlanMade> Plan(PlanRequest request, GoalBudget budget, CancellationToken ct);

    /// <summary>A valid plan that can be had without a model, a wait or I/O; null when there is none.</summary>
    Plan? PlanAtOnce(PlanRequest request) => null;
}

/// <param name="Plan">A valid plan, or null when <paramref name="Errors"/> says why there is none.</param>
/// <param name="Usage">What it cost; null when no model was asked.</param>
public sealed record PlanMade(Plan? Plan, IReadOnlyList<string> Errors, Usage? Usage);
