import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";

export type Role = "submitter" | "approver" | "operator" | "admin";

export const roles: readonly (readonly [Role, string])[] = [
  ["submitter", "submits, tells and cancels goals, adds knowledge"],
  ["approver", "decides and answers what goals ask"],
  ["operator", "looks at the machines and drains them, of every tenant"],
  ["admin", "everything, of every tenant; makes keys"],
];

export interface KeyView {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
  readonly lastUsedAt?: string;
}

/** The whole key is told this once. */
export interface KeyMade {
  readonly key: KeyView;
  readonly secret: string;
}

export const useKeys = (enabled: boolean) => useQuery({ queryKey: ["keys"], enabled, queryFn: ({ signal }) => get<readonly KeyView[]>("/v1/keys", undefined, signal) });
