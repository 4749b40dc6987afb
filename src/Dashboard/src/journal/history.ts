import type { JournalEntry } from "../api/events";
import { reduce, replay } from "./reduce";
import type { GoalState } from "./state";

const stride = 200;

/** A journal as it grows, with the state at any of its sequences within a few hundred steps of the fold. */
export class History {
  readonly entries: JournalEntry[] = [];
  private readonly checkpoints: GoalState[] = [];
  private latest: GoalState | undefined;

  get last(): number {
    return this.entries.length;
  }

  /** Takes what is new and follows; returns false where an entry is missing in between. */
  add(entries: readonly JournalEntry[]): boolean {
    for (const entry of entries) {
      if (entry.sequence <= this.last) continue;
      if (entry.sequence !== this.last + 1) return false;
      this.latest = reduce(this.latest, entry);
      this.entries.push(entry);
      if (entry.sequence % stride === 0) this.checkpoints.push(this.latest);
    }
    return true;
  }

  /** The state at a sequence; the latest where the sequence is beyond the end, undefined before the first entry. */
  at(sequence: number): GoalState | undefined {
    if (sequence >= this.last) return this.latest;
    if (sequence < 1) return undefined;
    const nearest = Math.floor(sequence / stride);
    return replay(this.entries.slice(nearest * stride, sequence), nearest > 0 ? this.checkpoints[nearest - 1] : undefined);
  }
}
