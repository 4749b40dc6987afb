import type { EventOf } from "../api/events";
import { decide } from "./ending";
import { withdrawRequests, withRequest } from "./people";
import { because, type Rationale, rationale } from "./rationale";
import { find, type GoalState, isOpen, isOver, put, type StepState } from "./state";
import { withStep } from "./steps";
import { addUsage } from "./usage";
import { newStep, schedule } from "./work";

export function accepted(state: GoalState, e: EventOf<"plan.accepted">, at: string): GoalState {
  const { plan } = e;
  const kept = new Set(plan.steps.map((s) => s.id));
  let after: GoalState = {
    ...state,
    plans: [...state.plans, plan],
    planning: 0,
    planningWhy: undefined,
    overtaken: undefined,
    usage: addUsage(state.usage, e.usage),
  };
  for (const old of state.steps.items) {
    if (!kept.has(old.id) && !old.definition.parent && !isOver(old)) after = withdraw(after, old, plan.version, at);
    else if (old.status === "Suspended") after = askAgain(after, old);
  }
  for (const step of plan.steps) {
    const known = find(after.steps, step.id);
    if (!known) after = { ...after, steps: put(after.steps, newStep(step, plan.version)) };
    else if (known.status === "Pending") after = withStep(after, step.id, { definition: step, planVersion: plan.version });
  }
  if (state.overtaken) after = replan(after, state.overtaken, at);
  return schedule(after, at);
}

export function rejected(state: GoalState, e: EventOf<"plan.rejected">, at: string): GoalState {
  const after: GoalState = { ...state, planning: 0, overtaken: undefined, usage: addUsage(state.usage, e.usage) };
  const errors = e.errors.join(" ");
  if (state.overtaken && mayReplan(after)) return replan(after, state.overtaken, at);
  // A question to the submitter is the journal's next entry.
  if (e.version === 1 && after.spec.constraints.approvals === "Ask" && mayReplan(after)) return after;
  const plan = after.plans.at(-1);
  if (plan && !plan.steps.some((s) => isBlocking(find(after.steps, s.id))))
    return schedule({ ...after, warnings: [...after.warnings, `Not replanned: ${errors}`] }, at);
  return after.planningWhy
    ? decide(after, "Failed", `${after.planningWhy.reason} No other plan was found: ${errors}`, at)
    : decide(after, "Failed", `No valid plan was found. ${errors}`, at);
}

export function requested(state: GoalState, e: EventOf<"plan.requested">): GoalState {
  let after = state;
  for (const request of state.requests.items)
    if (isOpen(request) && !request.approval && !request.question?.step) after = withRequest(after, { ...request, withdrawn: true });
  return { ...after, planning: e.version, planningWhy: rationale(e.why), replans: after.replans + 1 };
}

export function told(state: GoalState, e: EventOf<"message.received">, at: string): GoalState {
  return replan(state, because(`${e.by} said: ${e.text}`, `message ${state.sequence}`), at);
}

export function replanAfterFailure(state: GoalState, e: EventOf<"step.failed">, at: string): GoalState {
  const reason = `Step ${e.step} failed: ${e.error}`;
  return replan(state, because(reason, e.step), at, reason);
}

/** Where another plan may be asked for, the journal's next entry does so; else the goal ends with `otherwise`, or goes on. */
export function replan(state: GoalState, why: Rationale, at: string, otherwise?: string): GoalState {
  if (state.ending) return state;
  if (state.planning > 0) return { ...state, overtaken: why };
  if (mayReplan(state)) return state;
  return otherwise === undefined
    ? { ...state, warnings: [...state.warnings, `Not replanned, the limit of ${state.spec.constraints.maxReplans} is reached: ${why.reason}`] }
    : decide(state, "Failed", `${otherwise} (after ${state.replans} replans)`, at);
}

/** An approval is bound to the plan version that it was asked under: the step comes back and asks under the new one. */
export function askAgain(state: GoalState, step: StepState): GoalState {
  const request = step.waitsFor === undefined ? undefined : find(state.requests, step.waitsFor);
  if (!request?.approval || !isOpen(request)) return state;
  return withStep(withRequest(state, { ...request, withdrawn: true }), step.id, { status: "Running", waitsFor: undefined });
}

function withdraw(state: GoalState, step: StepState, version: number, at: string): GoalState {
  let after = withStep(state, step.id, { status: "Cancelled", endedAt: at, error: `Plan version ${version} does without it.`, waitsFor: undefined });
  after = withdrawRequests(after, step.id);
  for (const child of after.steps.items) if (child.definition.parent === step.id && !isOver(child)) after = withdraw(after, child, version, at);
  return after;
}

const isBlocking = (step: StepState | undefined): boolean => step?.status === "Failed" && !step.definition.optional && !step.definition.parent;

const mayReplan = (state: GoalState): boolean =>
  state.replans < state.spec.constraints.maxReplans && state.steps.items.length < state.spec.constraints.maxSteps;
