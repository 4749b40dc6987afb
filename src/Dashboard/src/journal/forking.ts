import type { GoalFork } from "../api/types";
import { rationale } from "./rationale";
import { append, type GoalState, keyed, type StepState } from "./state";
import { newStep } from "./work";

/** A goal that goes on from a step of another one: what was over there is over here, and nothing of it happens again. */
export function begin(state: GoalState, { plan, done, artifacts }: GoalFork): GoalState {
  const over = new Map(done.map((d) => [d.step, d]));
  const steps = plan.steps.map((definition): StepState => {
    const before = over.get(definition.id);
    const step = newStep(definition, plan.version);
    if (!before) return step;
    return {
      ...step,
      status: before.without === undefined ? "Completed" : "Skipped",
      endedAt: state.submittedAt,
      tier: before.tier,
      confidence: before.confidence,
      why: before.why === undefined ? undefined : rationale(before.why),
      error: before.without,
    };
  });
  return { ...state, planning: 0, plans: [plan], steps: keyed(steps), artifacts: artifacts.reduce(append, state.artifacts) };
}
