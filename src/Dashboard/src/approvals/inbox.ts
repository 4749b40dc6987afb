import type { Asked } from "./useApprovals";

/** What a person reads, and where it stands in the list or stood last. */
export interface Held {
  readonly asked: Asked;
  readonly index: number;
  /** It is no longer asked: somebody else decided it, or its goal does without. */
  readonly isGone: boolean;
}

/**
 * Holds on to what is read while the list below it moves: nothing else takes its place under a person's hand, neither when something older is asked nor
 * when it is decided elsewhere. What they decided themselves is let go of.
 */
export function hold(held: Held | undefined, list: readonly Asked[]): Held | undefined {
  if (!held) return at(list, 0);
  const index = list.findIndex((a) => a.key === held.asked.key);
  const asked = list[index];
  if (!asked) return held.isGone ? held : { ...held, isGone: true };
  return asked === held.asked && index === held.index && !held.isGone ? held : { asked, index, isGone: false };
}

/** The one after it or before it; what is gone has left its place to the one after. */
export function move(held: Held | undefined, list: readonly Asked[], by: 1 | -1): Held | undefined {
  if (!held) return at(list, 0);
  const to = held.isGone && by === 1 ? held.index : held.index + by;
  return at(list, Math.min(Math.max(to, 0), list.length - 1));
}

/** Where a person goes on who has decided what they held. */
export function after(held: Held, list: readonly Asked[]): Held | undefined {
  const rest = list.filter((a) => a.key !== held.asked.key);
  return at(rest, Math.min(held.index, rest.length - 1));
}

const at = (list: readonly Asked[], index: number): Held | undefined => (list[index] ? { asked: list[index], index, isGone: false } : undefined);
