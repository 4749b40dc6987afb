import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type Decision, decisionsOf } from "../journal/decisions";
import { find, type GoalState } from "../journal/state";
import { parseTime } from "../journal/time";
import { clockTime, plural } from "../parts/format";
import { Reason } from "../parts/Reason";
import { Empty } from "../parts/States";
import { Badge, type Colour } from "../parts/StatusBadge";
import { VirtualList } from "../parts/VirtualList";
import type { GoalMoment } from "./useGoal";

const looks: Record<Decision["kind"], Colour> = { plan: "violet", replan: "violet", step: "green", skip: "grey", failure: "red", consent: "amber", refusal: "red", question: "amber", end: "blue" };

export function WhyTab({ moment: { entries, state } }: { moment: GoalMoment }) {
  const [kind, setKind] = useState<Decision["kind"] | "">("");
  const all = useMemo(() => decisionsOf(entries), [entries]);
  const kinds = useMemo(() => [...new Set(all.map((d) => d.kind))], [all]);
  const shown = useMemo(() => (kind === "" ? all : all.filter((d) => d.kind === kind)), [all, kind]);
  return (
    <div className="panel overflow-hidden">
      <div className="flex min-h-11 flex-wrap items-center gap-3 border-b border-line px-4 py-1">
        <h2 className="font-semibold">Why it went as it did</h2>
        <span className="text-dim">{plural(shown.length, "decision")}</span>
        <label className="ml-auto flex items-center gap-2 text-dim">
          Only
          <select className="field h-8 min-h-8 w-auto py-0 text-ink" value={kind} onChange={(e) => setKind(e.target.value as Decision["kind"])}>
            <option value="">everything</option>
            {kinds.map((k) => (
              <option key={k}>{k}</option>
            ))}
          </select>
        </label>
      </div>
      {shown.length === 0 ? (
        <Empty title="No decision yet">The first one is the plan.</Empty>
      ) : (
        <VirtualList label="Decisions" items={shown} keyOf={(d) => d.sequence} estimate={96}>
          {(decision) => <Line decision={decision} state={state} />}
        </VirtualList>
      )}
    </div>
  );
}

function Line({ decision, state }: { decision: Decision; state: GoalState }) {
  const evidence = (id: string) => {
    const artifact = find(state.artifacts, id);
    const call = id.lastIndexOf("/") > 0 ? id.slice(0, id.lastIndexOf("/")) : id;
    if (artifact)
      return (
        <Link to="/goals/$goal" params={{ goal: state.goal }} search={(s) => ({ ...s, tab: "artifacts" as const, artifact: id })} className="text-accent underline">
          {artifact.origin.source ?? id}
        </Link>
      );
    if (find(state.steps, call))
      return (
        <Link to="/goals/$goal" params={{ goal: state.goal }} search={(s) => ({ ...s, tab: "plan" as const, step: call })} className="text-accent underline">
          {id}
        </Link>
      );
    return id;
  };
  return (
    <article className="grid gap-x-4 gap-y-1 border-b border-line px-4 py-3 sm:grid-cols-[9rem_minmax(0,1fr)]">
      <div className="flex items-start gap-2 sm:flex-col sm:gap-1">
        <Badge colour={looks[decision.kind]} text={decision.kind} />
        <span className="text-xs text-dim tabular-nums">
          #{decision.sequence} · {clockTime(parseTime(decision.at))}
        </span>
      </div>
      <div className="min-w-0">
        <p className="mb-1 font-medium break-words">
          {decision.what} <span className="font-mono text-xs font-normal text-dim">{decision.subject}</span>
        </p>
        <Reason why={decision.why} evidence={evidence} />
      </div>
    </article>
  );
}
