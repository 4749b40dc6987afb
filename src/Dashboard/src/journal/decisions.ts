import type { GoalEvent, JournalEntry } from "../api/events";
import type { Plan, PlanStep } from "../api/types";
import { because, type Rationale, rationale } from "./rationale";

/** One decision with its reason: the same lines as `GET /v1/goals/{id}/explain` gives. */
export interface Decision {
  readonly sequence: number;
  readonly at: string;
  readonly kind: "plan" | "replan" | "step" | "skip" | "failure" | "consent" | "refusal" | "question" | "end";
  readonly subject: string;
  readonly step?: string;
  readonly what: string;
  readonly why: Rationale;
}

export function decisionsOf(entries: readonly JournalEntry[]): Decision[] {
  const steps = new Map<string, PlanStep>();
  const requests = new Map<string, string | undefined>();
  return entries.flatMap((entry) => {
    const { event: e } = entry;
    for (const step of planOf(e)?.steps ?? []) steps.set(step.id, step);
    if (e.type === "approval.requested" || e.type === "question.asked") requests.set(e.request, e.step);
    const read = readDecision(entry, steps, requests);
    return read ? [{ sequence: entry.sequence, at: entry.at, ...read }] : [];
  });
}

/** A plan that comes into force; a forked goal brings its first one along. */
const planOf = (e: GoalEvent): Plan | undefined => (e.type === "plan.accepted" ? e.plan : e.type === "goal.submitted" ? e.spec.fork?.plan : undefined);

type Read = Omit<Decision, "sequence" | "at">;

function readDecision({ event: e }: JournalEntry, steps: Map<string, PlanStep>, requests: Map<string, string | undefined>): Read | undefined {
  switch (e.type) {
    case "goal.submitted":
    case "plan.accepted": {
      const plan = planOf(e);
      if (!plan) return undefined;
      const path = plan.steps.map((s) => `${s.id} (${s.role})`).join(" → ");
      return { kind: "plan", subject: `plan ${plan.version}`, what: `${plan.proposer}: ${path}`, why: rationale(plan.why) };
    }
    case "plan.rejected":
      return { kind: "refusal", subject: `plan ${e.version}`, what: "No valid plan was found.", why: because(e.errors.join(" ")) };
    case "plan.requested":
      return { kind: "replan", subject: `plan ${e.version}`, what: `Plan version ${e.version} was asked for.`, why: rationale(e.why) };
    case "step.completed": {
      const role = steps.get(e.step)?.role ?? "An agent";
      return { kind: "step", subject: e.step, step: e.step, what: `${role} made ${e.artifact.kind} by ${e.tier}, confidence ${e.confidence.toFixed(2)}.`, why: rationale(e.why) };
    }
    case "step.failed":
      return { kind: "failure", subject: e.step, step: e.step, what: `Attempt ${e.attempt} failed (${e.kind}): ${e.error}`, why: rationale(e.why ?? e.error) };
    case "step.skipped":
      return { kind: "skip", subject: e.step, step: e.step, what: "It was skipped.", why: because(e.reason) };
    case "step.spawned":
      return { kind: "plan", subject: e.parent, step: e.parent, what: `It asked for helpers: ${e.steps.map((s) => s.id).join(", ")}.`, why: rationale(e.why) };
    case "tool.returned":
      return e.error === undefined ? undefined : { kind: "refusal", subject: e.call, step: e.step, what: `${e.tool} gave no result.`, why: because(e.error) };
    case "tool.unknown":
      return { kind: "question", subject: e.call, step: e.step, what: `Whether ${e.tool} took effect is not known.`, why: because(e.reason, e.call) };
    case "approval.requested":
      return { kind: "consent", subject: e.request, step: e.step, what: `Consent was asked for ${e.tool}.`, why: because(e.why, e.call, ...e.untrusted.map((path) => `untrusted ${path}`)) };
    case "approval.decided":
      return { kind: "consent", subject: e.request, step: requests.get(e.request), what: `${e.by}: ${e.verdict}.`, why: because(e.reason ?? "No reason was given.", e.request) };
    case "question.asked":
      return { kind: "question", subject: e.request, step: e.step, what: e.question, why: because("The agent could not decide it.", e.request) };
    case "question.answered":
      return { kind: "question", subject: e.request, step: requests.get(e.request), what: `${e.by}: ${e.answer}`, why: because("A person answered.", e.request) };
    case "cancel.requested":
      return { kind: "end", subject: "cancel", what: `${e.by} cancelled.`, why: because(e.reason) };
    case "goal.ended":
      return { kind: "end", subject: e.status, what: `The goal ended ${e.status}.`, why: because(e.reason, ...e.result) };
    default:
      return undefined;
  }
}
