import { useVirtualizer } from "@tanstack/react-virtual";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { type Span, type SpanKind, spansOf } from "../../journal/spans";
import { parseTime } from "../../journal/time";
import { Button } from "../../parts/Button";
import { duration, plural } from "../../parts/format";
import { Icon, type IconName } from "../../parts/Icon";
import { useNow } from "../../parts/Time";
import { StepPanel } from "../plan/StepPanel";
import type { GoalMoment } from "../useGoal";
import { TimelineOverview } from "./TimelineOverview";
import { clamp, type Range, ticksOf } from "./range";

const route = getRouteApi("/goals/$goal");
const rowHeight = 28;
const icons: Record<SpanKind, IconName> = { plan: "spark", step: "goals", wait: "person", backoff: "clock", model: "model", tool: "tool" };
const bars: Record<SpanKind, string> = { plan: "bg-violet", step: "bg-accent", wait: "bg-amber", backoff: "bg-grey", model: "bg-blue", tool: "bg-green" };
const kinds = Object.keys(icons) as SpanKind[];
const words: Record<SpanKind, string> = { plan: "plans", step: "steps", wait: "people", backoff: "backoff", model: "models", tool: "tools" };

/** The waterfall: only the rows in sight exist, so ten thousand spans are as quick as ten. */
export function TimelineTab({ moment }: { moment: GoalMoment }) {
  const { entries, view, state, isNow } = moment;
  const { step: chosen } = route.useSearch();
  const navigate = useNavigate();
  const [hidden, setHidden] = useState<ReadonlySet<SpanKind>>(new Set());
  const [zoom, setZoom] = useState<Range>();
  const all = useMemo(() => spansOf(entries), [entries]);
  const spans = useMemo(() => (hidden.size === 0 ? all : all.filter((s) => !hidden.has(s.kind))), [all, hidden]);
  const moves = isNow && !view.endedAt;
  const now = useNow(moves);
  const start = parseTime(view.submittedAt);
  // Never before what came last: the server's clock may go before this machine's.
  const end = Math.max(moves ? now : 0, parseTime(state.updatedAt), start + 1);
  const whole: Range = { start, end };
  const range = zoom ? clamp(zoom, whole) : whole;
  const select = (step: string | undefined) =>
    void navigate({ to: "/goals/$goal", params: { goal: view.goal }, search: (s) => ({ ...s, step }), replace: true, resetScroll: false });
  const toggle = (kind: SpanKind) => {
    const next = new Set(hidden);
    if (!next.delete(kind)) next.add(kind);
    setHidden(next);
  };
  return (
    <div className="flex flex-col gap-4">
      <section aria-label="Timeline" className="panel overflow-hidden">
        <div className="flex min-h-11 flex-wrap items-center gap-2 border-b border-line px-4 py-1">
          <h2 className="font-semibold">Timeline</h2>
          <span className="text-dim tabular-nums">
            {plural(spans.length, "span")} in {duration(end - start)}
          </span>
          <div role="group" aria-label="Shown spans" className="ml-auto flex flex-wrap gap-1">
            {kinds.map((kind) => (
              <button key={kind} type="button" aria-pressed={!hidden.has(kind)} onClick={() => toggle(kind)} className={`flex h-7 items-center gap-1.5 rounded-full border px-2 text-xs ${hidden.has(kind) ? "border-line text-dim line-through" : "border-edge"}`}>
                <span className={`size-2.5 rounded-sm ${bars[kind]}`} />
                {words[kind]}
              </button>
            ))}
          </div>
          <Button look="quiet" onClick={() => setZoom(undefined)} disabled={!zoom}>
            Whole time
          </Button>
        </div>
        <TimelineOverview spans={all} whole={whole} range={range} zoom={setZoom} />
        <Waterfall spans={spans} range={range} end={end} chosen={chosen} select={select} />
      </section>
      {chosen && <StepPanel moment={moment} step={chosen} close={() => select(undefined)} />}
    </div>
  );
}

interface WaterfallProps {
  readonly spans: readonly Span[];
  readonly range: Range;
  readonly end: number;
  readonly chosen?: string;
  readonly select: (step: string | undefined) => void;
}

const columns = "grid grid-cols-[9rem_minmax(0,1fr)] sm:grid-cols-[18rem_minmax(0,1fr)]";

function Waterfall({ spans, range, end, chosen, select }: WaterfallProps) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: spans.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 8 });
  const first = chosen === undefined ? -1 : spans.findIndex((s) => s.step === chosen);
  const sought = useRef<string>(undefined);
  useEffect(() => {
    if (chosen === sought.current) return;
    sought.current = chosen;
    if (first >= 0) rows.scrollToIndex(first, { align: "auto" });
  }, [chosen, first, rows]);
  const width = range.end - range.start;
  return (
    <div ref={box} className="h-[min(36rem,65dvh)] overflow-x-hidden overflow-y-auto" tabIndex={0} role="group" aria-label="Waterfall">
      <div aria-hidden="true" className={`${columns} sticky top-0 z-10 h-6 border-b border-line bg-panel text-[11px] text-dim`}>
        <span />
        <div className="relative">
          {ticksOf(range, innerWidth < 640 ? 2.5 : 6).map((tick) => (
            <span key={tick.at} className="absolute top-1 border-l border-line pl-1 whitespace-nowrap tabular-nums" style={{ left: `${((tick.at - range.start) / width) * 100}%` }}>
              {tick.text}
            </span>
          ))}
        </div>
      </div>
      <ul className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => (
          <li key={row.key} className="absolute inset-x-0 top-0" style={{ height: rowHeight, transform: `translateY(${row.start}px)` }}>
            <SpanRow span={spans[row.index]!} range={range} end={end} isChosen={spans[row.index]!.step !== undefined && spans[row.index]!.step === chosen} select={select} />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface RowProps {
  readonly span: Span;
  readonly range: Range;
  readonly end: number;
  readonly isChosen: boolean;
  readonly select: (step: string | undefined) => void;
}

function SpanRow({ span, range, end, isChosen, select }: RowProps) {
  const width = range.end - range.start;
  const to = span.end ?? end;
  const left = ((Math.max(span.start, range.start) - range.start) / width) * 100;
  const length = ((Math.min(to, range.end) - Math.max(span.start, range.start)) / width) * 100;
  const seen = to >= range.start && span.start <= range.end;
  const took = `${span.outcome === "open" ? "runs for " : ""}${duration(to - span.start)}`;
  return (
    <button
      type="button"
      onClick={() => select(span.step)}
      title={`${span.label}: ${took}${span.detail ? ` – ${span.detail}` : ""}`}
      className={`${columns} h-full w-full items-center text-left text-xs hover:bg-sunken ${isChosen ? "bg-accent-soft" : ""}`}
    >
      <span className="flex min-w-0 items-center gap-1.5 pr-2" style={{ paddingLeft: 12 + span.depth * 14 }}>
        <Icon name={icons[span.kind]} size={12} />
        <span className={`truncate ${span.depth === 0 ? "font-medium" : ""}`}>{span.label}</span>
        {span.kind === "step" && <span className="hidden truncate text-dim sm:inline">{span.detail}</span>}
        {span.outcome === "failed" && <span className="shrink-0 text-red">failed</span>}
        {span.outcome === "cancelled" && <span className="shrink-0 text-dim">cancelled</span>}
        {span.outcome === "unknown" && <span className="shrink-0 text-amber">unknown</span>}
      </span>
      <span className="relative h-full">
        {seen && (
          <span
            className={`absolute top-2 h-3 rounded-sm ${span.outcome === "failed" ? "bg-red" : span.outcome === "cancelled" ? "bg-grey" : bars[span.kind]} ${span.outcome === "open" ? "animate-pulse motion-reduce:animate-none" : ""} ${span.kind === "step" ? "opacity-80" : ""}`}
            style={{ left: `${left}%`, width: `max(2px, ${length}%)` }}
          />
        )}
        {seen && (
          <span className="absolute top-1.5 px-1.5 whitespace-nowrap text-dim tabular-nums" style={left + length > 85 ? { right: `${100 - left}%` } : { left: `${left + length}%` }}>
            {duration(to - span.start)}
          </span>
        )}
      </span>
    </button>
  );
}
