import { ApiError, segment } from "./client";
import type { JournalEntry } from "./events";
import { parseAnswer } from "./exact";
import { EventParser } from "./serverEvents";
import { readStream, type StreamOptions } from "./stream";

export interface Follower {
  /** What came at once, in order. False asks for the stream anew, from what was taken. */
  readonly take: (entries: readonly JournalEntry[]) => boolean;
  readonly last: () => number;
  /** Of a stream that is broken another one is asked for; of one that the server refuses none, until somebody wants it. */
  readonly became: (state: "live" | "broken" | "refused" | "over", error?: ApiError) => void;
}

export interface FollowOptions extends StreamOptions {
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const shortest = 500;
const longest = 15_000;

/**
 * Follows a goal's journal until the goal ends or the signal says so. By fetch and not by EventSource, so that the API key goes along. A stream that
 * breaks is taken up again behind the last entry that was taken, sooner at first and then less and less often.
 */
export async function follow(goal: string, follower: Follower, signal: AbortSignal, { wait = pause, ...options }: FollowOptions = {}): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    const before = follower.last();
    try {
      if (await readOnce(goal, follower, signal, options)) return follower.became("over");
      if (signal.aborted) return;
      follower.became("broken");
    } catch (e) {
      if (signal.aborted) return;
      const error = e instanceof ApiError ? e : new ApiError(0, "stream-broken", e instanceof Error ? e.message : String(e));
      if (error.status >= 400 && error.status < 500 && error.status !== 429 && error.status !== 408) return follower.became("refused", error);
      follower.became("broken", error);
    }
    if (follower.last() > before) failures = 0;
    await wait(Math.min(longest, shortest * 2 ** Math.min(failures, 10)), signal);
  }
}

/** True when the goal's last entry came, or was there before. */
async function readOnce(goal: string, follower: Follower, signal: AbortSignal, options: StreamOptions): Promise<boolean> {
  const parser = new EventParser();
  const last = follower.last();
  let over = false;
  await readStream(
    `/v1/goals/${segment(goal)}/events`,
    last > 0 ? { "Last-Event-ID": String(last) } : {},
    signal,
    {
      begun: (response) => {
        over = response.status === 204;
        if (!over) follower.became("live");
      },
      take: (text) => {
        const entries = parser.push(text).map((e) => parseAnswer<JournalEntry>(e.data));
        if (entries.length === 0) return true;
        if (!follower.take(entries)) return false;
        over = entries.at(-1)?.event.type === "goal.ended";
        return !over;
      },
    },
    options,
  );
  return over;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
