import type { Plan } from "../api/types";
import { find, type GoalState, put, type StepState } from "./state";

export function stepOf(state: GoalState, id: string): StepState {
  const step = find(state.steps, id);
  if (!step) throw new Error(`Goal ${state.goal} has no step ${id}.`);
  return step;
}

/** What the newest plan that has the step tells it: a fork goes on from that one, though the step may have run under an earlier one. */
export const toldLast = (plans: readonly Plan[], { id, definition }: StepState): string =>
  plans.flatMap((p) => p.steps.filter((s) => s.id === id)).at(-1)?.instruction ?? definition.instruction;

export function withStep(state: GoalState, id: string, change: Partial<StepState>): GoalState {
  return { ...state, steps: put(state.steps, { ...stepOf(state, id), ...change }) };
}
