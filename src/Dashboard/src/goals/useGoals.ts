import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { get } from "../api/client";
import type { GoalListing, GoalSummary } from "../api/types";
import type { GoalSearch } from "../app/router";

const pageSize = 200;
const pollEvery = 3_000;

interface Pages {
  readonly pages: readonly GoalListing[];
  readonly pageParams: readonly (string | undefined)[];
}

const fetchPage = (filters: GoalSearch, limit: number, before: string | undefined, signal?: AbortSignal): Promise<GoalListing> =>
  get<GoalListing>("/v1/goals", { limit, before, tenant: filters.tenant, status: filters.status?.join(","), text: filters.q }, signal);

/**
 * The list page by page, as far as it was scrolled, newest first. The newest page is asked for every few seconds and laid over what is known; pages
 * further down are asked for again when they are looked at.
 */
export function useGoals(filters: GoalSearch) {
  const queries = useQueryClient();
  const key = useMemo(() => ["goals", filters.status?.join(","), filters.tenant, filters.q] as const, [filters]);
  const list = useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => fetchPage(filters, pageSize, pageParam, signal),
    getNextPageParam: (last) => last.next,
    staleTime: Number.POSITIVE_INFINITY,
    // A list that was left is begun anew, and not fetched again page by page.
    gcTime: 0,
  });
  const head = useQuery({
    queryKey: ["goals-head", ...key],
    queryFn: ({ signal }) => fetchPage(filters, pageSize, undefined, signal),
    refetchInterval: pollEvery,
    enabled: list.isSuccess,
    gcTime: 0,
  });

  useEffect(() => {
    if (!head.data) return;
    queries.setQueryData<Pages>(key, (known) => known && withHead(known, head.data));
  }, [head.data, key, queries]);

  const goals = useMemo(() => list.data?.pages.flatMap((p) => p.goals) ?? [], [list.data]);

  /** Asks again for the page that holds a row. */
  const renew = (row: number) => {
    const known = queries.getQueryData<Pages>(key);
    let first = 0;
    const index = known?.pages.findIndex((p) => row < (first += p.goals.length)) ?? -1;
    if (index < 1 || !known) return;
    void fetchPage(filters, known.pages[index]!.goals.length, known.pageParams[index]).then((page) =>
      queries.setQueryData<Pages>(key, (now) => now && { ...now, pages: now.pages.map((p, n) => (n === index && p.goals[0]?.goal === page.goals[0]?.goal ? { ...page, next: p.next } : p)) }),
    ).catch(() => undefined);
  };

  return { goals, list, renew, stale: head.isError ? head.error : undefined };
}

/** The newest page laid over the known ones; where so much is new that they no longer touch, everything begins anew. */
export function withHead(known: Pages, head: GoalListing): Pages {
  const rows = known.pages.flatMap((p) => p.goals);
  const last = head.goals.at(-1);
  if (!last || !head.next) return { pages: [head], pageParams: [undefined] };
  const meets = rows.findIndex((g) => g.goal === last.goal);
  if (meets < 0) return { pages: [head], pageParams: [undefined] };
  const [first, ...others] = known.pages;
  if (!first) return { pages: [head], pageParams: [undefined] };
  if (meets >= first.goals.length) return { pages: [head], pageParams: [undefined] };
  if (same(head.goals, first.goals.slice(0, head.goals.length)) && first.goals.length >= head.goals.length) return known;
  return { pages: [{ goals: [...head.goals, ...first.goals.slice(meets + 1)], next: first.next }, ...others], pageParams: known.pageParams };
}

const same = (a: readonly GoalSummary[], b: readonly GoalSummary[]): boolean =>
  a.length === b.length && a.every((g, n) => g.goal === b[n]?.goal && g.lastSequence === b[n]?.lastSequence && g.status === b[n]?.status);
