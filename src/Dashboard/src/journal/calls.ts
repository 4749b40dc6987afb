import type { EventOf } from "../api/events";
import { type CallState, find, type GoalState, put } from "./state";
import { stepOf, withStep } from "./steps";
import { addUsage } from "./usage";

export function called(state: GoalState, e: EventOf<"model.called">): GoalState {
  const after = withCall(state, e.step, {
    id: e.call,
    attempt: e.attempt,
    kind: "model",
    name: e.model,
    effect: "Pure",
    status: "returned",
    result: e.response,
    seconds: e.usage.seconds ?? 0,
    trust: "Trusted",
  });
  return { ...after, usage: addUsage(after.usage, e.usage) };
}

export function claimed(state: GoalState, e: EventOf<"tool.claimed">): GoalState {
  // A claim that is renewed: what people said of the call before is about what came before.
  let { requests } = state;
  for (const request of requests.items) if (request.question?.call === e.call) requests = put(requests, { ...request, withdrawn: true });
  const known = callOf(state, e.step, e.call);
  const claim: CallState = known ?? { ...newTool(e), effect: e.effect };
  return withCall({ ...state, requests }, e.step, { ...claim, status: "claimed", error: undefined });
}

export function returned(state: GoalState, e: EventOf<"tool.returned">): GoalState {
  const claim = callOf(state, e.step, e.call) ?? newTool(e);
  const after = withCall(state, e.step, {
    ...claim,
    status: e.error === undefined ? "returned" : "failed",
    result: e.result,
    error: e.error,
    trust: e.trust,
    seconds: e.seconds,
  });
  return { ...after, usage: addUsage(after.usage, { toolCalls: 1, seconds: e.seconds }) };
}

export function unknown(state: GoalState, e: EventOf<"tool.unknown">): GoalState {
  const claim = callOf(state, e.step, e.call);
  if (!claim) throw new Error(`Call ${e.call} was never claimed.`);
  return withCall(state, e.step, { ...claim, status: "unknown", error: e.reason });
}

const newTool = (e: EventOf<"tool.claimed"> | EventOf<"tool.returned">): CallState => ({
  id: e.call,
  attempt: e.attempt,
  kind: "tool",
  name: e.tool,
  effect: "Pure",
  arguments: e.arguments,
  status: "claimed",
  trust: "Untrusted",
  seconds: 0,
});

const callOf = (state: GoalState, step: string, call: string): CallState | undefined => find(stepOf(state, step).calls, call);

const withCall = (state: GoalState, step: string, call: CallState): GoalState =>
  withStep(state, step, { calls: put(stepOf(state, step).calls, call) });
