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

const differs = (a: PlanStep, b: PlanStep): boolean =>
  a.role !== b.role || a.instruction !== b.instruction || a.produces !== b.produces || a.when !== b.when || a.inputs.join("\n") !== b.inputs.join("\n");
