import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { get } from "../api/client";
import type { GoalListing, GoalSummary } from "../api/types";
import type { GoalSearch } from "../app/router";
import { parseTime } from "../journal/time";

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
    const old = known?.pages[index];
    if (index < 1 || !old) return;
    void fetchPage(filters, Math.min(old.goals.length, pageSize), known.pageParams[index])
      .then((page) => queries.setQueryData<Pages>(key, (now) => now && { ...now, pages: now.pages.map((p) => (p === old ? renewed(p, page) : p)) }))
      .catch(() => undefined);
  };

  return { goals, list, renew, stale: head.isError ? head.error : undefined };
}

/**
 * The newest page laid over the known ones; where so much is new that they no longer touch, everything begins anew. Rows are told apart by their place and
 * not by their number: under a filter any goal may come or go. What comes at the head leaves at the end, so that a list that is left open does not grow.
 */
export function withHead(known: Pages, head: GoalListing): Pages {
  const anew: Pages = { pages: [head], pageParams: [undefined] };
  const last = head.goals.at(-1);
  const [first] = known.pages;
  if (!last || !head.next || !first || !known.pages.some((p) => p.goals.some((g) => !isAfter(g, last)))) return anew;
  if (same(head.goals, first.goals.slice(0, head.goals.length)) && first.goals.length >= head.goals.length) return known;
  const at = known.pages.findIndex((p) => p.goals.some((g) => isAfter(g, last)));
  const page = known.pages[at];
  if (!page) return anew;
  const rest = page.goals.filter((g) => isAfter(g, last));
  if (at === 0 && head.goals.length + rest.length <= 2 * pageSize)
    return { pages: [{ goals: [...head.goals, ...rest], next: page.next }, ...known.pages.slice(1)], pageParams: known.pageParams };
  const most = Math.max(known.pages.length, 2);
  return {
    pages: [head, { goals: rest, next: page.next }, ...known.pages.slice(at + 1)].slice(0, most),
    pageParams: [undefined, head.next, ...known.pageParams.slice(at + 1)].slice(0, most),
  };
}

/** A page as it is now, between where it began and its last row: what follows is the next page's, and what the answer does not reach stays. */
export function renewed(old: GoalListing, now: GoalListing): GoalListing {
  const [end, reached] = [old.goals.at(-1), now.goals.at(-1)];
  if (!end || !reached) return { ...old, goals: [] };
  const unseen = now.next === undefined ? [] : old.goals.filter((g) => isAfter(g, reached));
  return { goals: [...now.goals.filter((g) => !isAfter(g, end)), ...unseen], next: old.next };
}

/** Further down in the list: submitted earlier, or at the same time with a smaller id. */
function isAfter(a: GoalSummary, b: GoalSummary): boolean {
  const apart = a.submittedAt === b.submittedAt ? 0 : parseTime(a.submittedAt) - parseTime(b.submittedAt);
  return apart === 0 ? a.goal < b.goal : apart < 0;
}

const same = (a: readonly GoalSummary[], b: readonly GoalSummary[]): boolean =>
  a.length === b.length && a.every((g, n) => g.goal === b[n]?.goal && g.lastSequence === b[n]?.lastSequence && g.status === b[n]?.status);
