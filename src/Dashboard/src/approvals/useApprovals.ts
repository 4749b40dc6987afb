import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { get, open } from "../api/client";
import { EventParser } from "../api/serverEvents";
import type { ApprovalAsked, GoalStatus, QuestionAsked, StepStatus } from "../api/types";

export interface StepProgress {
  readonly step: string;
  readonly role: string;
  readonly instruction: string;
  readonly produces: string;
  readonly inputs: readonly string[];
  readonly status: StepStatus;
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

interface ApprovalListing {
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
const most = 200;
const key = ["approvals"] as const;

export function useOpenApprovals() {
  const listing = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => get<ApprovalListing>("/v1/approvals", { limit: most }, signal),
    refetchInterval: pollEvery,
  });
  const data = useMemo(() => listing.data?.goals.flatMap(askedBy), [listing.data]);
  return { ...listing, data };
}

const askedBy = (goal: AskingGoal): Asked[] => [
  ...goal.approvals.map((approval) => ({ key: `${goal.goal} ${approval.request}`, goal, approval })),
  ...goal.questions.map((question) => ({ key: `${goal.goal} ${question.request}`, goal, question })),
];

/** While the inbox is open the server says at once when something of it changed. Elsewhere the slower look must do: a browser has few connections. */
export function useLiveApprovals(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const end = new AbortController();
    void listen(() => void queries.invalidateQueries({ queryKey: key }), end.signal);
    return () => end.abort();
  }, [queries]);
}

async function listen(changed: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await open("/v1/approvals/events", { headers: { Accept: "text/event-stream" }, signal });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser();
      while (reader) {
        const { done, value } = await reader.read();
        if (done) break;
        if (parser.push(value).length > 0) changed();
      }
    } catch {
      // The look every few seconds goes on meanwhile, and says what is wrong.
    }
    await new Promise((resolve) => setTimeout(resolve, pollEvery));
  }
}
