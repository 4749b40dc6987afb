import type { EventOf } from "../api/events";
import type { GoalStatus } from "../api/types";
import { withdrawRequests } from "./people";
import { find, type GoalState, isOver } from "./state";
import { withStep } from "./steps";

/** The end is decided: what runs is told to stop, what does not is over at once. */
export function decide(state: GoalState, status: GoalStatus, reason: string, at: string): GoalState {
  if (state.ending) return state;
  let after: GoalState = withdrawRequests(state);
  after = { ...after, ending: { status, reason, result: delivered(after) }, planning: 0 };
  for (const step of after.steps.items)
    if (step.status !== "Running" && !isOver(step))
      after = withStep(after, step.id, { status: "Cancelled", endedAt: at, waitsFor: undefined, retryAt: undefined });
  return endIfQuiet(after, at);
}

export function endIfQuiet(state: GoalState, at: string): GoalState {
  if (!state.ending) return state;
  let after = state;
  for (const step of state.steps.items) {
    if (step.status === "Running") return after;
    if (!isOver(step)) after = withStep(after, step.id, { status: "Cancelled", endedAt: at, waitsFor: undefined });
  }
  return after;
}

export function timerFired(state: GoalState, e: EventOf<"timer.fired">, at: string): GoalState {
  if (e.timer === "deadline") return decide(state, "Failed", `The deadline of ${state.spec.constraints.timeout ?? ""} has passed.`, at);
  if (e.timer !== "grace" || !state.ending) return state;
  let after = state;
  for (const step of state.steps.items)
    if (!isOver(step)) after = withStep(after, step.id, { status: "Cancelled", endedAt: at, error: "It did not stop in time." });
  return after;
}

export function ended(state: GoalState, e: EventOf<"goal.ended">, at: string): GoalState {
  const open = state.steps.items
    .flatMap((s) => s.calls.items)
    .filter((c) => c.status === "claimed" || c.status === "unknown")
    .map((c) => `Whether ${c.name} (call ${c.id}) took effect is not known.`);
  return { ...state, ended: e, ending: undefined, endedAt: at, planning: 0, warnings: [...state.warnings, ...open] };
}

const delivered = (state: GoalState): string[] => (state.plans.at(-1)?.deliver ?? []).filter((id) => find(state.artifacts, id));
