import { Link } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { GoalSummary } from "../api/types";
import { parseTime } from "../journal/time";
import { duration, short } from "../parts/format";
import { StatusBadge } from "../parts/StatusBadge";
import { Ago, useNow } from "../parts/Time";

interface Props {
  readonly goals: readonly GoalSummary[];
  readonly more: boolean;
  readonly loading: boolean;
  readonly fetchMore: () => void;
  readonly renew: (row: number) => void;
}

const rowHeight = 56;
const ahead = 40;
const renewEvery = 5_000;
const columns = "grid grid-cols-[1fr_auto] md:grid-cols-[minmax(0,1fr)_8rem_7rem_6rem_5rem] items-center gap-x-4 px-4";

/** Only the rows in the window exist, however many there are; the next pages are fetched before the last row is reached. */
export function GoalsTable({ goals, more, loading, fetchMore, renew }: Props) {
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => setMargin((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const rows = useWindowVirtualizer({ count: goals.length, estimateSize: () => rowHeight, overscan: 12, scrollMargin: margin, getItemKey: (n) => goals[n]?.goal ?? n });
  const visible = rows.getVirtualItems();
  const first = visible[0]?.index ?? 0;
  const last = visible.at(-1)?.index ?? 0;

  useEffect(() => {
    if (more && !loading && last >= goals.length - ahead) fetchMore();
  }, [more, loading, last, goals.length, fetchMore]);

  const looked = useRef({ first, renew });
  looked.current = { first, renew };
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && looked.current.renew(looked.current.first), renewEvery);
    return () => clearInterval(timer);
  }, []);

  return (
    <>
      <div role="table" aria-label="Goals" aria-rowcount={more ? -1 : goals.length + 1}>
        <div role="rowgroup" className="hidden md:block">
          <div role="row" className={`${columns} h-9 border-b border-line text-dim`}>
            <span role="columnheader">Goal</span>
            <span role="columnheader">Status</span>
            <span role="columnheader">Submitted</span>
            <span role="columnheader" className="text-right">
              Took
            </span>
            <span role="columnheader" className="text-right">
              Events
            </span>
          </div>
        </div>
        <div role="rowgroup" ref={body} className="relative" style={{ height: rows.getTotalSize() }}>
          {visible.map((row) => (
            <div key={row.key} className="absolute inset-x-0 top-0" style={{ height: rowHeight, transform: `translateY(${row.start - margin}px)` }} role="row" aria-rowindex={row.index + 2}>
              <Row goal={goals[row.index]!} />
            </div>
          ))}
        </div>
      </div>
      <p aria-live="polite" className="h-9 px-4 py-2 text-dim">
        {loading ? "Loading more…" : more ? "" : "These are all."}
      </p>
    </>
  );
}

const Row = memo(function Row({ goal }: { goal: GoalSummary }) {
  return (
    <div className={`${columns} relative h-full border-b border-line hover:bg-sunken`}>
      <div role="cell" className="min-w-0">
        <Link to="/goals/$goal" params={{ goal: goal.goal }} preload={false} className="block truncate font-medium after:absolute after:inset-0">
          {goal.text}
        </Link>
        <span className="block truncate text-xs text-dim">
          <span className="font-mono">{goal.goal}</span>
          {goal.tenant !== "default" && ` · ${goal.tenant}`}
          <span className="md:hidden">
            {" · "}
            <Ago at={goal.submittedAt} />
          </span>
        </span>
      </div>
      <div role="cell">
        <StatusBadge status={goal.status} />
      </div>
      <div role="cell" className="hidden text-dim md:block">
        <Ago at={goal.submittedAt} />
      </div>
      <div role="cell" className="hidden text-right text-dim tabular-nums md:block">
        <Took goal={goal} />
      </div>
      <div role="cell" className="hidden text-right text-dim tabular-nums md:block">
        {short(goal.lastSequence)}
      </div>
    </div>
  );
});

function Took({ goal }: { goal: GoalSummary }) {
  const moves = goal.status === "Planning" || goal.status === "Running" || goal.status === "Waiting";
  const now = useNow(moves);
  return <>{duration(Math.max(0, (moves ? now : parseTime(goal.updatedAt)) - parseTime(goal.submittedAt)))}</>;
}
