import type { GoalView, StepView } from "../api/types";
import { type GoalState, isOpen, isOver, statusOf, type StepState } from "./state";

/** The view that `GET /v1/goals/{id}` gives, of any state on the way. */
export function viewOf(state: GoalState): GoalView {
  const tiers: Record<string, number> = {};
  for (const step of state.steps.items) if (step.tier !== undefined) tiers[step.tier] = (tiers[step.tier] ?? 0) + 1;
  const open = state.requests.items.filter(isOpen);
  return {
    goal: state.goal,
    spec: state.spec,
    status: statusOf(state),
    reason: state.ended?.reason ?? doing(state),
    submittedAt: state.submittedAt,
    endedAt: state.endedAt,
    lastSequence: state.sequence,
    plans: state.plans,
    steps: state.steps.items.map(stepView),
    artifacts: state.artifacts.items,
    result: state.ended?.result ?? [],
    openApprovals: open.flatMap((r) => (r.approval ? [r.approval] : [])),
    openQuestions: open.flatMap((r) => (r.question ? [r.question] : [])),
    usage: state.usage,
    tiers,
    warnings: state.warnings,
  };
}

export function stepView(step: StepState): StepView {
  const { definition } = step;
  return {
    step: step.id,
    planVersion: step.planVersion,
    role: definition.role,
    instruction: definition.instruction,
    produces: definition.produces,
    status: step.status,
    attempts: step.attempt,
    agent: step.agent,
    parent: definition.parent,
    startedAt: step.startedAt,
    endedAt: step.endedAt,
    tier: step.tier,
    confidence: step.confidence,
    error: step.error,
    why: step.why,
    calls: step.calls.items.map((c) => ({
      call: c.id,
      kind: c.kind,
      name: c.name,
      state: c.status,
      arguments: c.arguments,
      seconds: c.seconds,
      error: c.error,
    })),
  };
}

function doing(state: GoalState): string {
  if (state.ending) return state.ending.reason;
  const { items } = state.steps;
  switch (statusOf(state)) {
    case "Planning":
      return "A plan is being made.";
    case "Waiting":
      return `Waiting for a person: ${state.requests.items
        .filter(isOpen)
        .map((r) => r.id)
        .join(", ")}.`;
    default:
      return `${items.filter(isOver).length} of ${items.length} steps are over.`;
  }
}

