import { ApiError } from "../api/client";
import type { JournalEntry } from "../api/events";
import { follow } from "../api/follow";
import { History } from "../journal/history";

export type FeedStatus = "loading" | "live" | "broken" | "refused" | "over";

export interface FeedSnapshot {
  readonly last: number;
  readonly status: FeedStatus;
  readonly error?: ApiError;
}

const tellEvery = 60;

/**
 * One goal's journal in this page, followed while somebody looks. It tells of what came at most some times a second, and lets go of its connection
 * while the tab is hidden: a browser has few of them for one server.
 */
export class GoalFeed {
  readonly history = new History();
  private readonly listeners = new Set<() => void>();
  private snapshot: FeedSnapshot = { last: 0, status: "loading" };
  private running: AbortController | undefined;
  private telling: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly goal: string) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.begin();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.end();
    };
  };

  readonly read = (): FeedSnapshot => this.snapshot;

  /** Asks again now, after an error that it had given up on. */
  readonly again = (): void => {
    this.stop();
    this.become("loading");
    this.start();
  };

  private begin(): void {
    document.addEventListener("visibilitychange", this.seen);
    this.start();
  }

  private end(): void {
    document.removeEventListener("visibilitychange", this.seen);
    this.stop();
  }

  private readonly seen = (): void => {
    if (document.visibilityState === "hidden") this.stop();
    else this.start();
  };

  private start(): void {
    if (this.running || this.snapshot.status === "over") return;
    this.running = new AbortController();
    void follow(this.goal, { take: (entries) => this.take(entries), last: () => this.history.last, became: (status, error) => this.become(status, error) }, this.running.signal);
  }

  private stop(): void {
    this.running?.abort();
    this.running = undefined;
  }

  private take(entries: readonly JournalEntry[]): boolean {
    const followed = this.history.add(entries);
    this.telling ??= setTimeout(() => this.tell(), tellEvery);
    return followed;
  }

  private become(status: FeedStatus, error?: ApiError): void {
    this.snapshot = { ...this.snapshot, status, error };
    this.tell();
  }

  private tell(): void {
    clearTimeout(this.telling);
    this.telling = undefined;
    this.snapshot = { ...this.snapshot, last: this.history.last };
    for (const listener of this.listeners) listener();
  }
}
