import type { Artifact, GoalView, Plan, PlanStep, StepView } from "../../api/types";
import type { Change } from "../../journal/comparison";

export interface StepBox {
  readonly kind: "step";
  readonly id: string;
  readonly step: PlanStep;
  readonly view?: StepView;
  readonly change?: Change;
}

export interface InputBox {
  readonly kind: "input";
  readonly id: string;
  readonly artifact: Artifact;
}

export interface PlanEdge {
  readonly from: string;
  readonly to: string;
  /** From an agent to a helper that it asked for, and not from a result to who reads it. */
  readonly spawned: boolean;
}

export interface PlanShape {
  readonly boxes: readonly (StepBox | InputBox)[];
  readonly edges: readonly PlanEdge[];
}

/** One plan version as boxes and arrows: its steps, the helpers that they asked for, and what was submitted and is read. */
export function shapeOf(view: GoalView, plan: Plan, changes?: ReadonlyMap<string, Change>): PlanShape {
  const views = new Map(view.steps.map((s) => [s.step, s]));
  const planned = new Set(plan.steps.map((s) => s.id));
  const helpers = view.steps.filter((s) => s.parent !== undefined && !planned.has(s.step) && isBelow(s, views, planned)).map(asPlanStep);
  const steps = [...plan.steps, ...helpers];
  const ids = new Set(steps.map((s) => s.id));
  const inputs = view.artifacts.filter((a) => !a.origin.step && !ids.has(a.id) && steps.some((s) => s.inputs.includes(a.id)));
  const known = new Set([...ids, ...inputs.map((a) => a.id)]);
  return {
    boxes: [
      ...inputs.map((artifact): InputBox => ({ kind: "input", id: artifact.id, artifact })),
      ...steps.map((step): StepBox => ({ kind: "step", id: step.id, step, view: views.get(step.id), change: changes?.get(step.id) })),
    ],
    edges: steps.flatMap((step) => [
      ...step.inputs.filter((from) => known.has(from)).map((from) => ({ from, to: step.id, spawned: false })),
      ...(step.parent && known.has(step.parent) ? [{ from: step.parent, to: step.id, spawned: true }] : []),
    ]),
  };
}

function isBelow(step: StepView, views: ReadonlyMap<string, StepView>, planned: ReadonlySet<string>): boolean {
  for (let at: StepView | undefined = step; at?.parent !== undefined; at = views.get(at.parent)) if (planned.has(at.parent)) return true;
  return false;
}

const asPlanStep = (s: StepView): PlanStep => ({ id: s.step, role: s.role, instruction: s.instruction, produces: s.produces, inputs: [], parent: s.parent });
