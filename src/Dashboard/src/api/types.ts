/** The gateway's JSON, as `src/Contracts` writes it: camel case, nulls left out, enums by name. */

export type GoalStatus = "Planning" | "Running" | "Waiting" | "Completed" | "Failed" | "Cancelled";
export const goalStatuses: readonly GoalStatus[] = ["Planning", "Running", "Waiting", "Completed", "Failed", "Cancelled"];

export type StepStatus = "Pending" | "Running" | "Suspended" | "BackingOff" | "Delegating" | "Completed" | "Failed" | "Skipped" | "Cancelled";
export type Trust = "Untrusted" | "User" | "Trusted";
export type ApprovalMode = "Ask" | "Auto" | "Never";
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A reason alone travels as a bare string. */
export type WireRationale = string | { reason: string; alternatives?: readonly string[]; evidence?: readonly string[] };

export interface Budget {
  readonly modelCalls?: number;
  readonly tokens?: number;
  readonly toolCalls?: number;
  readonly cost?: number;
  readonly seconds?: number;
}

/** What is zero is left out. */
export interface WireUsage {
  readonly modelCalls?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly toolCalls?: number;
  readonly cost?: number;
  readonly seconds?: number;
}

export interface GoalConstraints {
  readonly budget: Budget;
  readonly timeout?: string;
  readonly approvals: ApprovalMode;
  readonly maxSteps: number;
  readonly maxReplans: number;
  readonly maxDepth: number;
  readonly tools?: readonly string[];
}

export interface ContentRef {
  readonly sha256: string;
  readonly bytes: number;
  readonly mediaType: string;
}

export interface Artifact {
  readonly id: string;
  readonly kind: string;
  readonly value?: Json;
  readonly content?: ContentRef;
  readonly raw?: ContentRef;
  /** Left out when untrusted. */
  readonly trust?: Trust;
  readonly origin: { readonly step?: string; readonly source?: string; readonly tier?: string };
}

/** A place in another goal that this one goes on from: what was over there before the step is given. */
export interface GoalFork {
  readonly goal: string;
  readonly step: string;
  readonly plan: Plan;
  readonly done: readonly { readonly step: string; readonly tier?: string; readonly confidence?: number; readonly why?: WireRationale; readonly without?: string }[];
  readonly artifacts: readonly Artifact[];
}

export interface GoalSpec {
  readonly text: string;
  readonly tenant: string;
  readonly submittedBy: string;
  readonly inputs: readonly Artifact[];
  readonly wants: readonly string[];
  readonly playbook?: string;
  readonly knowledge: readonly string[];
  readonly constraints: GoalConstraints;
  readonly fork?: GoalFork;
}

export interface GoalSummary {
  readonly goal: string;
  readonly tenant: string;
  readonly text: string;
  readonly status: GoalStatus;
  readonly submittedAt: string;
  readonly updatedAt: string;
  readonly lastSequence: number;
  readonly deadline?: string;
}

export interface GoalListing {
  readonly goals: readonly GoalSummary[];
  readonly next?: string;
}

export interface PlanStep {
  readonly id: string;
  readonly role: string;
  readonly instruction: string;
  readonly inputs: readonly string[];
  readonly produces: string;
  readonly when?: string;
  readonly tools?: readonly string[];
  readonly retry?: { readonly maxAttempts: number; readonly firstDelay: string; readonly maxDelay: string };
  readonly timeout?: string;
  readonly optional?: boolean;
  readonly parent?: string;
  readonly depth?: number;
}

export interface Plan {
  readonly version: number;
  readonly steps: readonly PlanStep[];
  readonly deliver: readonly string[];
  readonly proposer: string;
  readonly why: WireRationale;
}

export interface CallView {
  readonly call: string;
  readonly kind: "model" | "tool";
  readonly name: string;
  readonly state: "claimed" | "returned" | "failed" | "unknown";
  readonly arguments?: Json;
  readonly seconds: number;
  readonly error?: string;
}

export interface StepView {
  readonly step: string;
  readonly planVersion: number;
  readonly role: string;
  readonly instruction: string;
  readonly produces: string;
  readonly status: StepStatus;
  readonly attempts: number;
  readonly agent?: string;
  readonly parent?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly tier?: string;
  readonly confidence?: number;
  readonly error?: string;
  readonly why?: WireRationale;
  readonly calls: readonly CallView[];
}

export interface ApprovalAsked {
  readonly request: string;
  readonly step: string;
  readonly call: string;
  readonly tool: string;
  readonly arguments: Json;
  readonly planVersion: number;
  readonly untrusted: readonly string[];
  readonly why: string;
}

export interface QuestionAsked {
  readonly request: string;
  readonly step?: string;
  readonly question: string;
  readonly choices: readonly string[];
  readonly call?: string;
}

export interface GoalView {
  readonly goal: string;
  readonly spec: GoalSpec;
  readonly status: GoalStatus;
  readonly reason: string;
  readonly submittedAt: string;
  readonly endedAt?: string;
  readonly lastSequence: number;
  readonly plans: readonly Plan[];
  readonly steps: readonly StepView[];
  readonly artifacts: readonly Artifact[];
  readonly result: readonly string[];
  readonly openApprovals: readonly ApprovalAsked[];
  readonly openQuestions: readonly QuestionAsked[];
  readonly usage: WireUsage;
  readonly tiers: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
}
