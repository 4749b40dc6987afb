import { find, type GoalState, put, type StepState } from "./state";

export function stepOf(state: GoalState, id: string): StepState {
  const step = find(state.steps, id);
  if (!step) throw new Error(`Goal ${state.goal} has no step ${id}.`);
  return step;
}

export function withStep(state: GoalState, id: string, change: Partial<StepState>): GoalState {
  return { ...state, steps: put(state.steps, { ...stepOf(state, id), ...change }) };
}
