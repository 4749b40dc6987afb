import type { Plan, PlanStep } from "../api/types";

export type Change = "same" | "changed" | "added" | "dropped";

/** How each step of either version stands to the other version. */
export function compare(before: Plan, after: Plan): Map<string, Change> {
  const old = new Map(before.steps.map((s) => [s.id, s]));
  const changes = new Map<string, Change>();
  for (const step of after.steps) {
    const known = old.get(step.id);
    changes.set(step.id, !known ? "added" : differs(known, step) ? "changed" : "same");
  }
  for (const step of before.steps) if (!changes.has(step.id)) changes.set(step.id, "dropped");
  return changes;
}

const differs = (a: PlanStep, b: PlanStep): boolean => spelt(a) !== spelt(b);

/** All that a step is told, in one spelling. */
const spelt = ({ role, instruction, produces, when, inputs, tools, optional = false, retry, timeout }: PlanStep): string =>
  JSON.stringify([role, instruction, produces, when, inputs, tools, optional, retry && [retry.maxAttempts, retry.firstDelay, retry.maxDelay], timeout]);
