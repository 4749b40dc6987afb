import { useMemo, useSyncExternalStore } from "react";
import type { JournalEntry } from "../api/events";
import type { GoalView } from "../api/types";
import type { GoalState } from "../journal/state";
import { viewOf } from "../journal/view";
import { type FeedSnapshot, GoalFeed } from "./GoalFeed";

/** A goal as it was at one sequence of its journal. */
export interface GoalMoment {
  readonly entries: readonly JournalEntry[];
  readonly state: GoalState;
  readonly view: GoalView;
  /** The present, and not a replay. */
  readonly isNow: boolean;
}

/** One feed a goal, for as long as a page shows it. */
export function useFeed(goal: string): { feed: GoalFeed; snapshot: FeedSnapshot } {
  const feed = useMemo(() => new GoalFeed(goal), [goal]);
  return { feed, snapshot: useSyncExternalStore(feed.subscribe, feed.read) };
}

export function useMoment(feed: GoalFeed, last: number, at: number | undefined): GoalMoment | undefined {
  return useMemo(() => {
    const isNow = at === undefined || at >= last;
    const state = feed.history.at(isNow ? last : at);
    return state && { entries: feed.history.entries.slice(0, state.sequence), state, view: viewOf(state), isNow };
  }, [feed, last, at]);
}
