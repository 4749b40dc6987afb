import { useMutation, useQueryClient } from "@tanstack/react-query";
import { post, segment } from "../api/client";
import type { Json } from "../api/types";

export type Decision =
  | { readonly verdict: "approve"; readonly reason?: string }
  | { readonly verdict: "reject"; readonly reason: string }
  | { readonly verdict: "edit"; readonly reason?: string; readonly arguments: Json }
  | { readonly answer: string };

/** Sends a decision or an answer. The same one twice is no error. */
export function useDecide(goal: string, request: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (decision: Decision) => post(`/v1/goals/${segment(goal)}/requests/${segment(request)}/${"answer" in decision ? "answer" : "decision"}`, decision),
    onSettled: () => queries.invalidateQueries({ queryKey: ["approvals"] }),
  });
}
