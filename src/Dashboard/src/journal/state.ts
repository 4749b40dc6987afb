import type { EventOf, ToolEffect } from "../api/events";
import type { ApprovalAsked, Artifact, GoalSpec, GoalStatus, Json, Plan, PlanStep, QuestionAsked, StepStatus, Trust } from "../api/types";
import type { Rationale } from "./rationale";
import type { Usage } from "./usage";

/** Everything that the journal says of one goal up to one sequence. Never changed: each entry makes the next one. */
export interface GoalState {
  readonly goal: string;
  readonly spec: GoalSpec;
  readonly submittedAt: string;
  readonly sequence: number;
  readonly updatedAt: string;
  readonly plans: readonly Plan[];
  /** The plan version that is being made; 0 when none is. */
  readonly planning: number;
  readonly planningWhy?: Rationale;
  readonly overtaken?: Rationale;
  readonly replans: number;
  readonly steps: Keyed<StepState>;
  readonly artifacts: Keyed<Artifact>;
  readonly requests: Keyed<PersonRequest>;
  readonly warnings: readonly string[];
  readonly usage: Usage;
  readonly ending?: Ended;
  readonly ended?: Ended;
  readonly endedAt?: string;
}

export type Ended = Pick<EventOf<"goal.ended">, "status" | "reason" | "result">;

export interface StepState {
  readonly id: string;
  readonly definition: PlanStep;
  readonly planVersion: number;
  readonly status: StepStatus;
  readonly attempt: number;
  readonly agent?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly retryAt?: string;
  readonly waitsFor?: string;
  readonly error?: string;
  readonly tier?: string;
  readonly confidence?: number;
  readonly why?: Rationale;
  readonly calls: Keyed<CallState>;
}

export interface CallState {
  readonly id: string;
  readonly attempt: number;
  readonly kind: "model" | "tool";
  readonly name: string;
  readonly effect: ToolEffect;
  readonly arguments?: Json;
  readonly status: "claimed" | "returned" | "failed" | "unknown";
  readonly result?: Json;
  readonly error?: string;
  readonly trust: Trust;
  readonly seconds: number;
}

/** Something asked of a person: exactly one of approval and question is there. */
export interface PersonRequest {
  readonly id: string;
  readonly approval?: ApprovalAsked;
  readonly question?: QuestionAsked;
  readonly decision?: EventOf<"approval.decided">;
  readonly answer?: EventOf<"question.answered">;
  readonly withdrawn?: boolean;
}

export const isOver = (step: StepState): boolean =>
  step.status === "Completed" || step.status === "Failed" || step.status === "Skipped" || step.status === "Cancelled";

export const isOpen = (request: PersonRequest): boolean => !request.decision && !request.answer && !request.withdrawn;

export function statusOf(state: GoalState): GoalStatus {
  if (state.ended) return state.ended.status;
  if (state.steps.items.some((s) => s.status === "Running" || s.status === "BackingOff")) return "Running";
  if (state.planning > 0) return state.plans.length === 0 ? "Planning" : "Running";
  return state.requests.items.some(isOpen) ? "Waiting" : "Running";
}

interface Identified {
  readonly id: string;
}

/**
 * An ordered list with a place for each id. The index only ever grows and a place never changes, so all versions of one list share it: an entry
 * that a version does not have yet lies beyond its end.
 */
export interface Keyed<T extends Identified> {
  readonly items: readonly T[];
  readonly index: Map<string, number>;
}

export function keyed<T extends Identified>(items: readonly T[] = []): Keyed<T> {
  const index = new Map<string, number>();
  // The first of an id is the one that is found.
  items.forEach((item, at) => index.has(item.id) || index.set(item.id, at));
  return { items, index };
}

export function find<T extends Identified>(list: Keyed<T>, id: string): T | undefined {
  const at = list.index.get(id);
  const item = at === undefined ? undefined : list.items[at];
  return item?.id === id ? item : undefined;
}

export function put<T extends Identified>(list: Keyed<T>, item: T): Keyed<T> {
  const at = list.index.get(item.id);
  if (at === undefined || list.items[at]?.id !== item.id) return append(list, item);
  const items = list.items.slice();
  items[at] = item;
  return { items, index: list.index };
}

export function append<T extends Identified>(list: Keyed<T>, item: T): Keyed<T> {
  if (!list.index.has(item.id)) list.index.set(item.id, list.items.length);
  return { items: [...list.items, item], index: list.index };
}
