import { ApiError, open, segment } from "./client";
import type { JournalEntry } from "./events";
import { EventParser } from "./serverEvents";

export interface Follower {
  /** What came at once, in order. False asks for the stream anew, from what was taken. */
  readonly take: (entries: readonly JournalEntry[]) => boolean;
  readonly last: () => number;
  readonly became: (state: "live" | "broken" | "over", error?: ApiError) => void;
}

export interface FollowOptions {
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly request?: typeof open;
}

const shortest = 500;
const longest = 15_000;

/**
 * Follows a goal's journal until the goal ends or the signal says so. By fetch and not by EventSource, so that the API key goes along. A stream that
 * breaks is taken up again behind the last entry that was taken, sooner at first and then less and less often.
 */
export async function follow(goal: string, follower: Follower, signal: AbortSignal, { wait = pause, request = open }: FollowOptions = {}): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    const before = follower.last();
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (before > 0) headers["Last-Event-ID"] = String(before);
      const response = await request(`/v1/goals/${segment(goal)}/events`, { headers, signal });
      if (response.status === 204) return follower.became("over");
      follower.became("live");
      if (await readAll(response, follower)) return follower.became("over");
      follower.became("broken");
    } catch (e) {
      if (signal.aborted) return;
      const error = e instanceof ApiError ? e : new ApiError(0, "stream-broken", e instanceof Error ? e.message : String(e));
      follower.became("broken", error);
      if (error.status >= 400 && error.status < 500 && error.status !== 429 && error.status !== 408) return;
    }
    if (follower.last() > before) failures = 0;
    await wait(Math.min(longest, shortest * 2 ** Math.min(failures, 10)), signal);
  }
}

/** True when the goal's last entry came. */
async function readAll(response: Response, follower: Follower): Promise<boolean> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return false;
  const parser = new EventParser();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return false;
      const entries = parser.push(value).map((e) => JSON.parse(e.data) as JournalEntry);
      if (entries.length === 0) continue;
      if (!follower.take(entries)) return false;
      if (entries.at(-1)?.event.type === "goal.ended") return true;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
