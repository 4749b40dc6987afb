import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { get } from "../api/client";
import { EventParser } from "../api/serverEvents";
import { readStream, whileSeen } from "../api/stream";
import type { ApprovalAsked, GoalStatus, QuestionAsked, StepStatus } from "../api/types";

export interface StepProgress {
  readonly step: string;
  readonly role: string;
  readonly instruction: string;
  readonly produces: string;
  readonly inputs: readonly string[];
  readonly status: StepStatus;
  readonly agent?: string;
  readonly tier?: string;
  readonly error?: string;
}

export interface AskingGoal {
  readonly goal: string;
  readonly tenant: string;
  readonly text: string;
  readonly status: GoalStatus;
  readonly submittedBy: string;
  readonly submittedAt: string;
  readonly changedAt: string;
  readonly approvals: readonly ApprovalAsked[];
  readonly questions: readonly QuestionAsked[];
  readonly planVersion: number;
  readonly steps: readonly StepProgress[];
}

export interface ApprovalListing {
  readonly goals: readonly AskingGoal[];
  readonly next?: string;
}

/** One thing that is asked, with the goal that it is asked for. */
export interface Asked {
  readonly key: string;
  readonly goal: AskingGoal;
  readonly approval?: ApprovalAsked;
  readonly question?: QuestionAsked;
}

const pollEvery = 5_000;
const pageSize = 200;
const mostPages = 10;
export const approvalsKey = ["approvals"] as const;

export function useOpenApprovals() {
  const listing = useQuery({
    queryKey: approvalsKey,
    queryFn: ({ signal }) => wholeListing((before) => get<ApprovalListing>("/v1/approvals", { limit: pageSize, before }, signal)),
    refetchInterval: pollEvery,
  });
  const data = useMemo(() => listing.data?.goals.flatMap(askedBy), [listing.data]);
  return { ...listing, data, isCut: listing.data?.next !== undefined };
}

/** Every page, for the oldest are on the last ones; of more than anybody decides in a day the newest, and then `next` is still there. */
export async function wholeListing(page: (before?: string) => Promise<ApprovalListing>, most = mostPages): Promise<ApprovalListing> {
  let { goals, next } = await page();
  for (let read = 1; next !== undefined && read < most; read++) {
    const further = await page(next);
    const known = new Set(goals.map((g) => g.goal));
    goals = [...goals, ...further.goals.filter((g) => !known.has(g.goal))];
    next = further.next;
  }
  return { goals, next };
}

export const without = ({ goals, next }: ApprovalListing, goal: string, request: string): ApprovalListing => ({
  goals: goals.map((g) => (g.goal === goal ? { ...g, approvals: g.approvals.filter((a) => a.request !== request), questions: g.questions.filter((q) => q.request !== request) } : g)),
  next,
});

const askedBy = (goal: AskingGoal): Asked[] => [
  ...goal.approvals.map((approval) => ({ key: `${goal.goal} ${approval.request}`, goal, approval })),
  ...goal.questions.map((question) => ({ key: `${goal.goal} ${question.request}`, goal, question })),
];

/** While the inbox is open the server says at once when something of it changed. Elsewhere the slower look must do: a browser has few connections. */
export function useLiveApprovals(): void {
  const queries = useQueryClient();
  useEffect(() => whileSeen((signal) => void listen(() => void queries.invalidateQueries({ queryKey: approvalsKey }), signal)), [queries]);
}

async function listen(changed: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const parser = new EventParser();
      const take = (text: string) => {
        if (parser.push(text).length > 0) changed();
        return true;
      };
      await readStream("/v1/approvals/events", {}, signal, { take });
    } catch {
      // The look every few seconds goes on meanwhile, and says what is wrong.
    }
    await new Promise((resolve) => setTimeout(resolve, pollEvery));
  }
}
