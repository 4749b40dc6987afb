import type { JournalEntry } from "../api/events";
import type { PlanStep } from "../api/types";
import { agentName } from "./agents";
import { rationale } from "./rationale";

/** One thing that somebody in a goal told somebody else, read from the journal. */
export interface Exchange {
  readonly sequence: number;
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly verb: string;
  readonly text: string;
  readonly step?: string;
  /** The artifact that went along, if any. */
  readonly artifact?: string;
}

const orchestrator = "orchestrator";

export function exchangesOf(entries: readonly JournalEntry[]): Exchange[] {
  const steps = new Map<string, PlanStep>();
  const agents = new Map<string, string>();
  const askers = new Map<string, string>();
  const goal = entries[0]?.event.type === "goal.submitted" ? entries[0].event.goal : "";
  const agentOf = (step: string | undefined) => (step === undefined ? orchestrator : (agents.get(step) ?? step));
  const out: Exchange[] = [];
  for (const { sequence, at, event: e } of entries) {
    const say = (from: string, to: string, verb: string, text: string, step?: string, artifact?: string) =>
      out.push({ sequence, at, from, to, verb, text, step, artifact });
    switch (e.type) {
      case "goal.submitted":
        for (const step of e.spec.fork?.plan.steps ?? []) steps.set(step.id, step);
        say(e.spec.submittedBy, orchestrator, "submits", e.spec.text);
        break;
      case "plan.accepted":
        for (const step of e.plan.steps) steps.set(step.id, step);
        break;
      case "step.started": {
        const step = steps.get(e.step);
        agents.set(e.step, agentName(goal, e.agent));
        if (!step) break;
        for (const input of step.inputs) if (agents.has(input)) say(agentOf(input), agentOf(e.step), "hands over", input, e.step, input);
        say(step.parent ? agentOf(step.parent) : orchestrator, agentOf(e.step), e.attempt > 1 ? `assigns again (attempt ${e.attempt})` : "assigns", step.instruction, e.step);
        break;
      }
      case "step.spawned":
        for (const step of e.steps) steps.set(step.id, { ...step, parent: e.parent });
        say(agentOf(e.parent), orchestrator, "asks for helpers", `${e.steps.map((s) => s.id).join(", ")}: ${rationale(e.why).reason}`, e.parent);
        break;
      case "step.completed": {
        const parent = steps.get(e.step)?.parent;
        say(agentOf(e.step), parent ? agentOf(parent) : orchestrator, "delivers", `${e.artifact.kind}: ${rationale(e.why).reason}`, e.step, e.artifact.id);
        break;
      }
      case "step.failed":
        say(agentOf(e.step), orchestrator, "reports a failure", e.error, e.step);
        break;
      case "approval.requested":
        askers.set(e.request, agentOf(e.step));
        say(agentOf(e.step), "people", "asks for consent", `${e.tool}: ${e.why}`, e.step);
        break;
      case "approval.decided":
        say(e.by, askers.get(e.request) ?? orchestrator, e.verdict.toLowerCase(), e.reason ?? e.request);
        break;
      case "question.asked":
        askers.set(e.request, agentOf(e.step));
        say(agentOf(e.step), "people", "asks", e.question, e.step);
        break;
      case "question.answered":
        say(e.by, askers.get(e.request) ?? orchestrator, "answers", e.answer);
        break;
      case "message.received":
        say(e.by, orchestrator, "tells", e.text);
        break;
      case "cancel.requested":
        say(e.by, orchestrator, "cancels", e.reason);
        break;
      case "goal.ended":
        say(orchestrator, "submitter", e.status.toLowerCase(), e.reason, undefined, e.result[0]);
        break;
    }
  }
  return out;
}
