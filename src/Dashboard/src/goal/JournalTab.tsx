import { useState } from "react";
import type { JournalEntry } from "../api/events";
import type { Json } from "../api/types";
import { parseTime } from "../journal/time";
import { clockTime, plural } from "../parts/format";
import { JsonView } from "../parts/JsonView";
import { VirtualList } from "../parts/VirtualList";
import type { GoalMoment } from "./useGoal";

/** The facts themselves, from which everything else on this page is derived. */
export function JournalTab({ moment: { entries } }: { moment: GoalMoment }) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const toggle = (sequence: number) => {
    const next = new Set(open);
    if (!next.delete(sequence)) next.add(sequence);
    setOpen(next);
  };
  return (
    <div className="panel overflow-hidden">
      <div className="flex min-h-11 items-center gap-3 border-b border-line px-4">
        <h2 className="font-semibold">Journal</h2>
        <span className="text-dim">{plural(entries.length, "event")}</span>
      </div>
      <VirtualList label="Events" items={entries} keyOf={(e) => e.sequence} estimate={37}>
        {(entry) => <Line entry={entry} open={open.has(entry.sequence)} toggle={() => toggle(entry.sequence)} />}
      </VirtualList>
    </div>
  );
}

function Line({ entry, open, toggle }: { entry: JournalEntry; open: boolean; toggle: () => void }) {
  const { type, ...rest } = entry.event;
  return (
    <div className="border-b border-line">
      <button type="button" aria-expanded={open} onClick={toggle} className="flex min-h-9 w-full items-center gap-3 px-4 text-left hover:bg-sunken">
        <span className="w-12 shrink-0 text-right text-xs text-dim tabular-nums">{entry.sequence}</span>
        <span className="hidden w-24 shrink-0 text-xs text-dim tabular-nums sm:block">{clockTime(parseTime(entry.at))}</span>
        <span className="w-36 shrink-0 truncate font-mono text-xs font-medium">{type}</span>
        <span className="min-w-0 truncate font-mono text-xs text-dim">{summary(rest)}</span>
      </button>
      {open && (
        <div className="border-t border-line bg-sunken px-4 py-2">
          <JsonView value={rest as unknown as Json} />
        </div>
      )}
    </div>
  );
}

const summary = (rest: object): string =>
  Object.entries(rest)
    .filter(([, value]) => typeof value === "string" || typeof value === "number")
    .map(([, value]) => String(value))
    .join(" · ")
    .slice(0, 300);
