import type { ApprovalAsked, Artifact, GoalSpec, GoalStatus, Json, Plan, PlanStep, QuestionAsked, Trust, WireRationale, WireUsage } from "./types";

export type ToolEffect = "Pure" | "Idempotent" | "Once";
export type FailureKind = "Transient" | "Permanent" | "Budget" | "Timeout";
export type Verdict = "Approved" | "Rejected" | "Edited" | "Withdrawn";

/** A goal's facts, as its journal has them. */
export type GoalEvent =
  | { readonly type: "goal.submitted"; readonly goal: string; readonly spec: GoalSpec }
  | { readonly type: "plan.accepted"; readonly plan: Plan; readonly usage?: WireUsage }
  | { readonly type: "plan.rejected"; readonly version: number; readonly errors: readonly string[]; readonly usage?: WireUsage }
  | { readonly type: "plan.requested"; readonly version: number; readonly why: WireRationale }
  | { readonly type: "step.started"; readonly step: string; readonly attempt: number; readonly agent: string }
  | {
      readonly type: "step.completed";
      readonly step: string;
      readonly attempt: number;
      readonly artifact: Artifact;
      readonly confidence: number;
      readonly tier: string;
      readonly why: WireRationale;
    }
  | {
      readonly type: "step.failed";
      readonly step: string;
      readonly attempt: number;
      readonly kind: FailureKind;
      readonly error: string;
      readonly why?: WireRationale;
    }
  | { readonly type: "step.skipped"; readonly step: string; readonly reason: string }
  | { readonly type: "step.retry"; readonly step: string; readonly nextAttempt: number; readonly dueAt: string }
  | { readonly type: "step.spawned"; readonly parent: string; readonly attempt: number; readonly steps: readonly PlanStep[]; readonly why: WireRationale }
  | { readonly type: "step.suspended"; readonly step: string; readonly attempt: number; readonly on: string }
  | {
      readonly type: "model.called";
      readonly step: string;
      readonly attempt: number;
      readonly call: string;
      readonly model: string;
      readonly requestHash: string;
      readonly response: Json;
      readonly usage: WireUsage;
    }
  | {
      readonly type: "tool.claimed";
      readonly step: string;
      readonly attempt: number;
      readonly call: string;
      readonly tool: string;
      readonly effect: ToolEffect;
      readonly arguments: Json;
      readonly key: string;
    }
  | {
      readonly type: "tool.returned";
      readonly step: string;
      readonly attempt: number;
      readonly call: string;
      readonly tool: string;
      readonly arguments: Json;
      readonly result?: Json;
      readonly error?: string;
      readonly trust: Trust;
      readonly seconds: number;
      readonly reconciled?: boolean;
    }
  | { readonly type: "tool.unknown"; readonly step: string; readonly call: string; readonly tool: string; readonly reason: string }
  | ({ readonly type: "approval.requested" } & ApprovalAsked)
  | {
      readonly type: "approval.decided";
      readonly request: string;
      readonly verdict: Verdict;
      readonly by: string;
      readonly reason?: string;
      readonly arguments?: Json;
    }
  | ({ readonly type: "question.asked" } & QuestionAsked)
  | { readonly type: "question.answered"; readonly request: string; readonly by: string; readonly answer: string }
  | { readonly type: "message.received"; readonly by: string; readonly text: string }
  | { readonly type: "timer.fired"; readonly timer: string }
  | { readonly type: "cancel.requested"; readonly by: string; readonly reason: string }
  | { readonly type: "goal.ended"; readonly status: GoalStatus; readonly reason: string; readonly result: readonly string[] };

export type EventOf<T extends GoalEvent["type"]> = Extract<GoalEvent, { type: T }>;

export interface JournalEntry {
  readonly sequence: number;
  readonly at: string;
  readonly event: GoalEvent;
}
