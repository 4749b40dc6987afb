import { useQuery } from "@tanstack/react-query";
import { ApiError, get } from "./client";

export interface Caller {
  readonly tenant: string;
  readonly name: string;
  readonly roles: readonly string[];
}

const everything: Caller = { tenant: "default", name: "local", roles: ["submitter", "approver", "operator", "admin"] };

/** Who this page asks as. A server that knows no callers lets everybody do everything. */
export function useCaller() {
  return useQuery({
    queryKey: ["me"],
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Caller> => {
      try {
        return await get<Caller>("/v1/me", undefined, signal);
      } catch (e) {
        if (e instanceof ApiError && e.status === 404) return everything;
        throw e;
      }
    },
  });
}

const ranks: Record<string, readonly string[]> = {
  submitter: ["submitter", "admin"],
  approver: ["approver", "admin"],
  operator: ["operator", "admin"],
  admin: ["admin"],
};

/** Whether the caller has a role; while that is not known, as if they had: the server decides. */
export function useMay(role: "submitter" | "approver" | "operator" | "admin"): boolean {
  const caller = useCaller().data;
  return !caller || caller.roles.some((r) => ranks[role]?.includes(r.toLowerCase()));
}
