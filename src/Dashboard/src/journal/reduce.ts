import type { GoalEvent, JournalEntry } from "../api/events";
import { called, claimed, returned, unknown } from "./calls";
import { decide, ended, timerFired } from "./ending";
import { begin } from "./forking";
import { answered, approvalDecided, approvalRequested, questionAsked, suspended } from "./people";
import { accepted, rejected, requested, told } from "./planning";
import { type GoalState, keyed } from "./state";
import { noUsage } from "./usage";
import { completed, failed, retryScheduled, skipped, spawned, started } from "./work";

/**
 * The state after one more entry. The same fold as the server's goal machine, without its commands: what the machine decides is in the journal,
 * and what this makes of a whole journal is the view that the API gives.
 */
export function reduce(state: GoalState | undefined, entry: JournalEntry): GoalState {
  const { event } = entry;
  if (event.type === "goal.submitted") {
    const submitted: GoalState = {
      goal: event.goal,
      spec: event.spec,
      submittedAt: entry.at,
      updatedAt: entry.at,
      sequence: 1,
      planning: 1,
      plans: [],
      replans: 0,
      steps: keyed(),
      artifacts: keyed(event.spec.inputs),
      requests: keyed(),
      warnings: [],
      usage: noUsage,
    };
    return event.spec.fork ? begin(submitted, event.spec.fork) : submitted;
  }
  if (!state) throw new Error(`A journal begins with goal.submitted, not ${event.type}.`);
  if (entry.sequence !== state.sequence + 1) throw new Error(`Entry ${entry.sequence} cannot follow entry ${state.sequence}.`);
  return apply({ ...state, sequence: entry.sequence, updatedAt: entry.at }, event, entry.at);
}

export function replay(entries: Iterable<JournalEntry>, from?: GoalState): GoalState | undefined {
  let state = from;
  for (const entry of entries) state = reduce(state, entry);
  return state;
}

function apply(state: GoalState, e: GoalEvent, at: string): GoalState {
  switch (e.type) {
    case "plan.accepted":
      return accepted(state, e, at);
    case "plan.rejected":
      return rejected(state, e, at);
    case "plan.requested":
      return requested(state, e);
    case "message.received":
      return told(state, e, at);
    case "step.started":
      return started(state, e, at);
    case "step.completed":
      return completed(state, e, at);
    case "step.failed":
      return failed(state, e, at);
    case "step.skipped":
      return skipped(state, e, at);
    case "step.retry":
      return retryScheduled(state, e);
    case "step.spawned":
      return spawned(state, e, at);
    case "step.suspended":
      return suspended(state, e, at);
    case "model.called":
      return called(state, e);
    case "tool.claimed":
      return claimed(state, e);
    case "tool.returned":
      return returned(state, e);
    case "tool.unknown":
      return unknown(state, e);
    case "approval.requested":
      return approvalRequested(state, e);
    case "approval.decided":
      return approvalDecided(state, e);
    case "question.asked":
      return questionAsked(state, e);
    case "question.answered":
      return answered(state, e, at);
    case "timer.fired":
      return timerFired(state, e, at);
    case "cancel.requested":
      return decide(state, "Cancelled", `${e.by} cancelled it: ${e.reason}`, at);
    case "goal.ended":
      return ended(state, e, at);
    default:
      // A fact of a later server: it counts, and changes nothing that this page knows of.
      return state;
  }
}
