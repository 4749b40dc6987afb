import type { EventOf } from "../api/events";
import { endIfQuiet } from "./ending";
import { askAgain, replan } from "./planning";
import { because } from "./rationale";
import { find, type GoalState, isOpen, type PersonRequest, put } from "./state";
import { stepOf, withStep } from "./steps";
import { planVersion } from "./work";

export function approvalRequested(state: GoalState, { type: _, ...approval }: EventOf<"approval.requested">): GoalState {
  return withRequest(state, { id: approval.request, approval });
}

export function questionAsked(state: GoalState, { type: _, ...question }: EventOf<"question.asked">): GoalState {
  return withRequest(state, { id: question.request, question });
}

export function suspended(state: GoalState, e: EventOf<"step.suspended">, at: string): GoalState {
  const after = withStep(state, e.step, { status: "Suspended", waitsFor: e.on });
  if (after.ending) return endIfQuiet(after, at);
  const request = find(after.requests, e.on);
  if (request && !isOpen(request)) return resume(after, e.on);
  return request?.approval && request.approval.planVersion !== planVersion(after) ? askAgain(after, stepOf(after, e.step)) : after;
}

export function approvalDecided(state: GoalState, e: EventOf<"approval.decided">): GoalState {
  const request = find(state.requests, e.request);
  return resume(request ? withRequest(state, { ...request, decision: e }) : state, e.request);
}

export function answered(state: GoalState, e: EventOf<"question.answered">, at: string): GoalState {
  const request = find(state.requests, e.request);
  if (!request) return state;
  const after = withRequest(state, { ...request, answer: e });
  if (request.question?.step) return resume(after, e.request);
  return replan(after, because(`${e.by} answered: ${e.answer}`, e.request), at, after.plans.length === 0 ? "No valid plan was found." : undefined);
}

export function withdrawRequests(state: GoalState, step?: string): GoalState {
  let { requests } = state;
  for (const request of requests.items)
    if (isOpen(request) && (step === undefined || stepIdOf(request) === step)) requests = put(requests, { ...request, withdrawn: true });
  return { ...state, requests };
}

export const stepIdOf = (request: PersonRequest): string | undefined => request.approval?.step ?? request.question?.step;

export const withRequest = (state: GoalState, request: PersonRequest): GoalState => ({ ...state, requests: put(state.requests, request) });

function resume(state: GoalState, request: string): GoalState {
  if (state.ending) return state;
  let after = state;
  for (const step of state.steps.items)
    if (step.status === "Suspended" && step.waitsFor === request) after = withStep(after, step.id, { status: "Running", waitsFor: undefined });
  return after;
}
