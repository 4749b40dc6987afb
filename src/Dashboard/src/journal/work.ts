import type { EventOf } from "../api/events";
import type { PlanStep } from "../api/types";
import { decide, endIfQuiet } from "./ending";
import { replanAfterFailure } from "./planning";
import { rationale } from "./rationale";
import { append, type GoalState, keyed, put, type StepState } from "./state";
import { stepOf, withStep } from "./steps";

export const newStep = (definition: PlanStep, planVersion: number): StepState => ({
  id: definition.id,
  definition,
  planVersion,
  status: "Pending",
  attempt: 0,
  calls: keyed(),
});

export const planVersion = (state: GoalState): number => state.plans.at(-1)?.version ?? 0;

export function started(state: GoalState, e: EventOf<"step.started">, at: string): GoalState {
  const step = stepOf(state, e.step);
  return schedule(
    withStep(state, e.step, { status: "Running", attempt: e.attempt, agent: e.agent, startedAt: step.startedAt ?? at, retryAt: undefined, error: undefined }),
    at,
  );
}

export function completed(state: GoalState, e: EventOf<"step.completed">, at: string): GoalState {
  const done = withStep(state, e.step, {
    status: "Completed",
    endedAt: at,
    tier: e.tier,
    confidence: e.confidence,
    why: rationale(e.why),
    waitsFor: undefined,
  });
  return schedule({ ...done, artifacts: append(done.artifacts, e.artifact) }, at);
}

export function skipped(state: GoalState, e: EventOf<"step.skipped">, at: string): GoalState {
  return schedule(withStep(state, e.step, { status: "Skipped", endedAt: at, error: e.reason }), at);
}

export function failed(state: GoalState, e: EventOf<"step.failed">, at: string): GoalState {
  const step = stepOf(state, e.step);
  const after = withStep(state, e.step, {
    status: state.ending ? "Cancelled" : "Failed",
    endedAt: at,
    error: e.error,
    why: e.why ? rationale(e.why) : step.why,
    waitsFor: undefined,
  });
  if (state.ending) return endIfQuiet(after, at);
  const attempts = step.definition.retry?.maxAttempts ?? 3;
  // What follows, a retry, is the journal's next entry.
  if ((e.kind === "Transient" || e.kind === "Timeout") && e.attempt < attempts) return after;
  if (step.definition.optional || step.definition.parent)
    return schedule({ ...after, warnings: [...after.warnings, `Step ${e.step} failed: ${e.error}`] }, at);
  if (e.kind === "Budget") return decide(after, "Failed", `Step ${e.step} stopped at the budget: ${e.error}`, at);
  return replanAfterFailure(after, e, at);
}

export function retryScheduled(state: GoalState, e: EventOf<"step.retry">): GoalState {
  return withStep(state, e.step, { status: "BackingOff", retryAt: e.dueAt, endedAt: undefined });
}

export function spawned(state: GoalState, e: EventOf<"step.spawned">, at: string): GoalState {
  const depth = (stepOf(state, e.parent).definition.depth ?? 1) + 1;
  let after = withStep(state, e.parent, { status: "Delegating" });
  for (const child of e.steps) after = { ...after, steps: put(after.steps, newStep({ ...child, parent: e.parent, depth }, planVersion(after))) };
  return schedule(after, at);
}

/** What is left here of the machine's scheduling: it records decisions, but for a goal that ends. */
export function schedule(state: GoalState, at: string): GoalState {
  return state.ending ? endIfQuiet(state, at) : state;
}
