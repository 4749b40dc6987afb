import { useSyncExternalStore } from "react";
import { parseTime } from "../journal/time";
import { ago, fullTime } from "./format";

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The present second; where it does not matter, one that stands still. */
export function useNow(moves: boolean): number {
  return useSyncExternalStore(moves ? subscribe : still, () => now);
}

const still = () => () => undefined;

/** How long ago, and exactly when for who points at it. */
export function Ago({ at }: { at: string }) {
  const then = parseTime(at);
  const present = useNow(true);
  return (
    <time dateTime={at} title={fullTime(then)} className="whitespace-nowrap tabular-nums">
      {ago(then, Math.max(present, then))}
    </time>
  );
}
