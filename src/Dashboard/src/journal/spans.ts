import type { JournalEntry } from "../api/events";
import { parseTime } from "./time";

export type SpanKind = "plan" | "step" | "wait" | "backoff" | "model" | "tool";
export type SpanOutcome = "open" | "ok" | "failed" | "cancelled" | "unknown";

/** One stretch of the waterfall. Times are milliseconds since the epoch; an open span ends where the timeline does. */
export interface Span {
  readonly id: string;
  readonly kind: SpanKind;
  readonly label: string;
  readonly detail: string;
  readonly step?: string;
  readonly depth: number;
  readonly start: number;
  readonly end?: number;
  readonly outcome: SpanOutcome;
  readonly sequence: number;
}

type Draft = { -readonly [K in keyof Span]: Span[K] };

/** Reads the spans out of a journal, in the order in which they began, each step's calls below it. */
export function spansOf(entries: readonly JournalEntry[]): Span[] {
  const reader = new SpanReader();
  for (const entry of entries) reader.read(entry);
  return reader.spans();
}

class SpanReader {
  private readonly tops: Draft[] = [];
  private readonly under = new Map<Draft, Draft[]>();
  private readonly running = new Map<string, Draft>();
  private readonly waits = new Map<string, Draft>();
  private readonly claims = new Map<string, Draft>();
  private readonly backoffs = new Map<string, Draft>();
  private readonly depths = new Map<string, number>();
  private readonly parents = new Map<string, string>();
  private readonly approvals = new Set<string>();
  private readonly roles = new Map<string, string>();
  private readonly together = new Map<string, { at: number; spans: Draft[] }>();
  private planning: Draft | undefined;

  spans(): Span[] {
    return this.tops.flatMap((top) => [top, ...(this.under.get(top) ?? [])]);
  }

  read({ sequence, at, event: e }: JournalEntry): void {
    const now = parseTime(at);
    switch (e.type) {
      case "goal.submitted":
        if (e.spec.fork) for (const step of e.spec.fork.plan.steps) this.roles.set(step.id, step.role);
        else this.plan(1, now, sequence);
        break;
      case "plan.requested":
        this.plan(e.version, now, sequence);
        break;
      case "plan.accepted":
        for (const step of e.plan.steps) this.roles.set(step.id, step.role);
        this.planned(now, "ok", e.plan.proposer);
        this.withdraw(new Set(e.plan.steps.map((s) => s.id)), now);
        break;
      case "plan.rejected":
        this.planned(now, "failed", e.errors.join(" "));
        break;
      case "step.spawned":
        for (const step of e.steps) {
          this.roles.set(step.id, step.role);
          this.depths.set(step.id, (this.depths.get(e.parent) ?? 0) + 1);
          this.parents.set(step.id, e.parent);
        }
        this.stop(e.parent, now, "ok");
        break;
      case "step.started":
        this.start(e.step, e.attempt, e.agent, now, sequence);
        break;
      case "step.completed":
        this.stop(e.step, now, "ok");
        break;
      case "step.failed":
        this.stop(e.step, now, "failed", e.error);
        break;
      case "step.retry":
        this.backoffs.set(
          e.step,
          this.child(e.step, { id: `${e.step}~${e.nextAttempt}`, kind: "backoff", label: "waits for the next attempt", detail: `attempt ${e.nextAttempt} is due ${e.dueAt}`, start: now, outcome: "open", sequence }),
        );
        break;
      case "step.suspended":
        this.waits.set(
          e.on,
          this.child(e.step, { id: `${e.step}?${e.on}?${sequence}`, kind: "wait", label: "waits for a person", detail: e.on, start: now, outcome: "open", sequence }),
        );
        break;
      case "approval.requested":
        this.approvals.add(e.request);
        break;
      case "approval.decided":
        this.close(this.waits, e.request, now, "ok");
        break;
      case "question.answered":
        this.close(this.waits, e.request, now, "ok");
        break;
      case "model.called":
        this.instant(e.step, e.call, "model", e.model, `${e.usage.inputTokens ?? 0} tokens in, ${e.usage.outputTokens ?? 0} out`, now, e.usage.seconds ?? 0, "ok", sequence);
        break;
      case "tool.claimed":
        this.claims.set(
          e.call,
          this.child(e.step, { id: `${e.call}@${sequence}`, kind: "tool", label: e.tool, detail: e.call, start: now, outcome: "open", sequence }),
        );
        break;
      case "tool.returned": {
        const outcome = e.error === undefined ? "ok" : "failed";
        if (!this.close(this.claims, e.call, now, outcome, e.error)) this.instant(e.step, e.call, "tool", e.tool, e.error ?? e.call, now, e.seconds, outcome, sequence);
        break;
      }
      case "tool.unknown":
        this.close(this.claims, e.call, now, "unknown", e.reason);
        break;
      case "goal.ended":
        this.planned(now, "failed", "");
        for (const open of [this.running, this.waits, this.backoffs].flatMap((spans) => [...spans.values()])) end(open, now, "cancelled");
        for (const claim of this.claims.values()) end(claim, now, "unknown");
        break;
    }
  }

  private plan(version: number, start: number, sequence: number) {
    this.planning = this.top({ id: `plan ${version} @${sequence}`, kind: "plan", label: `plan ${version}`, detail: "", depth: 0, start, outcome: "open", sequence });
  }

  private planned(now: number, outcome: SpanOutcome, detail: string) {
    if (this.planning) Object.assign(this.planning, { end: now, outcome, detail });
    this.planning = undefined;
  }

  /** What runs without the plan that now holds stops, helpers included; who waits for consent asks anew under it. */
  private withdraw(planned: ReadonlySet<string>, now: number) {
    const isPlanned = (step: string): boolean => planned.has(step) || isPlannedBy(this.parents.get(step));
    const isPlannedBy = (parent: string | undefined): boolean => parent !== undefined && isPlanned(parent);
    for (const [step, span] of this.running) {
      if (isPlanned(step)) continue;
      if (span.outcome === "open") this.stop(step, now, "cancelled");
      this.close(this.backoffs, step, now, "cancelled");
    }
    for (const [request, wait] of this.waits) if (this.approvals.has(request)) end(wait, now, "cancelled");
  }

  private start(step: string, attempt: number, agent: string, now: number, sequence: number) {
    this.close(this.backoffs, step, now, "ok");
    const label = `${step}${attempt > 1 ? ` (attempt ${attempt})` : ""}`;
    const detail = this.roles.get(step) ?? agent;
    this.running.set(step, this.top({ id: `${step}#${sequence}`, kind: "step", label, detail, step, depth: this.depths.get(step) ?? 0, start: now, outcome: "open", sequence }));
  }

  private stop(step: string, now: number, outcome: SpanOutcome, detail?: string) {
    const span = this.running.get(step);
    if (!span) return;
    Object.assign(span, { end: now, outcome });
    if (detail !== undefined) span.detail = detail;
    for (const wait of this.under.get(span) ?? []) if (wait.kind === "wait") end(wait, now, outcome === "cancelled" ? outcome : "failed");
  }

  private instant(step: string, id: string, kind: "model" | "tool", label: string, detail: string, now: number, seconds: number, outcome: SpanOutcome, sequence: number) {
    const floor = this.running.get(step)?.start ?? now - seconds * 1000;
    const span = this.child(step, { id: `${id}@${sequence}`, kind, label, detail, start: Math.max(floor, now - seconds * 1000), end: now, outcome, sequence });
    // Facts are appended together, and then bear one time: they came one after another, and the last ended then.
    const group = this.together.get(step);
    if (group?.at !== now) {
      this.together.set(step, { at: now, spans: [span] });
      return;
    }
    for (const earlier of group.spans) {
      earlier.start = Math.max(floor, earlier.start - seconds * 1000);
      earlier.end = Math.max(floor, (earlier.end ?? now) - seconds * 1000);
    }
    group.spans.push(span);
  }

  private close(open: Map<string, Draft>, key: string, now: number, outcome: SpanOutcome, detail?: string): boolean {
    const span = open.get(key);
    if (!span) return false;
    open.delete(key);
    if (span.outcome !== "open") return false;
    Object.assign(span, { end: now, outcome });
    if (detail !== undefined) span.detail = detail;
    return true;
  }

  private top(span: Draft): Draft {
    this.tops.push(span);
    return span;
  }

  private child(step: string, span: Omit<Draft, "depth" | "step">): Draft {
    const parent = this.running.get(step);
    const draft: Draft = { ...span, step, depth: (parent?.depth ?? 0) + 1 };
    if (!parent) return this.top(draft);
    const siblings = this.under.get(parent);
    if (siblings) siblings.push(draft);
    else this.under.set(parent, [draft]);
    return draft;
  }
}

function end(span: Draft, now: number, outcome: SpanOutcome) {
  if (span.outcome === "open") Object.assign(span, { end: now, outcome });
}
