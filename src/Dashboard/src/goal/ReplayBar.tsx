import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { JournalEntry } from "../api/events";
import { parseTime } from "../journal/time";
import { Button } from "../parts/Button";
import { clockTime, count } from "../parts/format";
import type { FeedStatus } from "./GoalFeed";

interface Props {
  readonly goal: string;
  readonly entries: readonly JournalEntry[];
  readonly last: number;
  readonly at?: number;
  readonly status: FeedStatus;
}

const playFor = 12_000;
const tick = 120;

/** The goal in time: every part of the page shows the journal up to where the slider stands. */
export function ReplayBar({ goal, entries, last, at, status }: Props) {
  const navigate = useNavigate();
  const [playing, setPlaying] = useState(false);
  const shown = Math.min(at ?? last, last);
  const go = (sequence: number | undefined) =>
    void navigate({
      to: "/goals/$goal",
      params: { goal },
      search: (s) => ({ ...s, at: sequence !== undefined && sequence < last ? Math.max(1, sequence) : undefined }),
      replace: true,
      resetScroll: false,
    });

  useEffect(() => {
    if (!playing) return;
    if (shown >= last) {
      setPlaying(false);
      return;
    }
    const stride = Math.max(1, Math.round((last * tick) / playFor));
    const timer = setTimeout(() => go(shown + stride), Math.max(tick, playFor / last));
    return () => clearTimeout(timer);
  });

  const entry = entries[shown - 1];
  const play = () => {
    if (!playing && shown >= last) go(1);
    setPlaying(!playing);
  };
  return (
    <section aria-label="Replay" className="panel mb-3 flex items-center gap-2 px-2 py-1.5 sm:gap-3">
      <Button look="quiet" icon={playing ? "pause" : "play"} label={playing ? "Pause the replay" : "Replay the goal"} onClick={play} disabled={last < 2} />
      <input
        type="range"
        min={1}
        max={Math.max(last, 1)}
        value={shown}
        onChange={(e) => {
          setPlaying(false);
          go(Number(e.target.value));
        }}
        aria-label="Event of the journal"
        aria-valuetext={entry ? `event ${shown} of ${last}: ${entry.event.type}` : undefined}
        className="h-6 min-w-0 flex-1 accent-accent"
      />
      <output className="hidden w-60 truncate text-right text-xs text-dim tabular-nums lg:block">
        {entry && (
          <>
            {clockTime(parseTime(entry.at))} <span className="font-mono">{entry.event.type}</span>
          </>
        )}
      </output>
      <span className="min-w-16 text-right text-xs text-dim tabular-nums">
        {count(shown)} / {count(last)}
      </span>
      <Button look={at === undefined ? "quiet" : "plain"} icon={at === undefined && status !== "over" ? "live" : undefined} className="w-18 justify-center" aria-pressed={at === undefined} onClick={() => (setPlaying(false), go(undefined))}>
        {status === "over" ? "End" : "Live"}
      </Button>
    </section>
  );
}
