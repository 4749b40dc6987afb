import { useMutation, useQueryClient } from "@tanstack/react-query";
import { post, segment } from "../api/client";
import type { Json } from "../api/types";
import { type ApprovalListing, approvalsKey, without } from "./useApprovals";

export type Decision =
  | { readonly verdict: "approve"; readonly reason?: string }
  | { readonly verdict: "reject"; readonly reason: string }
  | { readonly verdict: "edit"; readonly reason?: string; readonly arguments: Json }
  | { readonly answer: string };

/** What becomes of a decision; told even when its card is no longer there. */
export interface Outcome {
  readonly decided?: () => void;
  readonly failed?: (error: unknown) => void;
}

/** Sends a decision or an answer. The same one twice is no error. */
export function useDecide(goal: string, request: string, { decided, failed }: Outcome) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (decision: Decision) => post(`/v1/goals/${segment(goal)}/requests/${segment(request)}/${"answer" in decision ? "answer" : "decision"}`, decision),
    onSuccess: async () => {
      // A list that is on its way is from before; what the next one will not have goes at once.
      await queries.cancelQueries({ queryKey: approvalsKey });
      queries.setQueryData<ApprovalListing>(approvalsKey, (listing) => listing && without(listing, goal, request));
      decided?.();
    },
    onError: (error) => failed?.(error),
    // Not waited for: whoever decided goes on while the list is read anew.
    onSettled: () => void queries.invalidateQueries({ queryKey: approvalsKey }),
  });
}
