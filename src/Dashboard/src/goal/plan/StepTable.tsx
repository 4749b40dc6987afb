import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import type { GoalView, StepView } from "../../api/types";
import { parseTime } from "../../journal/time";
import { duration } from "../../parts/format";
import { StatusBadge } from "../../parts/StatusBadge";

const rowHeight = 40;
const columns = "grid w-full min-w-[44rem] grid-cols-[minmax(8rem,1fr)_8rem_11rem_5rem_6rem_8rem] items-center gap-x-3 px-4";

/** Every step of every version and every helper, for reading where the graph is for seeing. */
export function StepTable({ view }: { view: GoalView }) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: view.steps.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 10 });
  return (
    <div ref={box} className="max-h-[32rem] overflow-auto" tabIndex={0} role="group" aria-label="Every step">
      <div role="table" aria-label="Steps" aria-rowcount={view.steps.length + 1}>
        <div role="row" className={`${columns} sticky top-0 z-10 h-9 border-b border-line bg-panel text-dim`}>
          {["Step", "Role", "Status", "Attempts", "Took", "Answered by"].map((title) => (
            <span key={title} role="columnheader">
              {title}
            </span>
          ))}
        </div>
        <div role="rowgroup" className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const step = view.steps[row.index]!;
            return (
              <div key={step.step} role="row" aria-rowindex={row.index + 2} className={`${columns} absolute top-0 border-b border-line`} style={{ height: rowHeight, transform: `translateY(${row.start}px)` }}>
                <span role="cell" className="min-w-0 truncate" style={{ paddingLeft: step.parent ? "1rem" : undefined }}>
                  <Link to="/goals/$goal" params={{ goal: view.goal }} search={(s) => ({ ...s, step: step.step })} replace resetScroll={false} className="text-accent underline">
                    {step.step}
                  </Link>
                </span>
                <span role="cell" className="truncate text-dim">
                  {step.role}
                </span>
                <span role="cell">
                  <StatusBadge status={step.status} />
                </span>
                <span role="cell" className="tabular-nums">
                  {step.attempts}
                </span>
                <span role="cell" className="tabular-nums">
                  {took(step)}
                </span>
                <span role="cell" className="truncate text-dim">
                  {step.tier ?? "–"}
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

const took = (step: StepView): string => (step.startedAt && step.endedAt ? duration(parseTime(step.endedAt) - parseTime(step.startedAt)) : "–");
