import { useMemo } from "react";
import type { GoalView, Plan } from "../../api/types";
import { type Change, compare } from "../../journal/comparison";
import { rationale } from "../../journal/rationale";
import { plural } from "../../parts/format";
import { shapeOf } from "./graph";
import { ChangeMark, PlanGraph } from "./PlanGraph";

interface Props {
  readonly view: GoalView;
  readonly before: Plan;
  readonly after: Plan;
  readonly choose: (versions: string) => void;
  readonly select: (step: string) => void;
  readonly selected?: string;
}

/** Two versions side by side: what the later one dropped is marked on the left, what it added or changed on the right. */
export function PlanComparison({ view, before, after, choose, select, selected }: Props) {
  const changes = useMemo(() => compare(before, after), [before, after]);
  const tally = (change: Change) => [...changes.values()].filter((c) => c === change).length;
  return (
    <>
      <p className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2">
        {(["added", "dropped", "changed"] as const).map((change) => (
          <span key={change} className="flex items-center gap-1.5">
            <ChangeMark change={change} /> {tally(change)}
          </span>
        ))}
        <span className="text-dim">{plural(tally("same"), "step")} as before</span>
      </p>
      <div className="grid lg:grid-cols-2">
        <Side view={view} plan={before} changes={onlyFor(changes, "dropped", "changed")} pick={(v) => choose(`${v}-${after.version}`)} name="Before" select={select} selected={selected} />
        <Side view={view} plan={after} changes={onlyFor(changes, "added", "changed")} pick={(v) => choose(`${before.version}-${v}`)} name="After" select={select} selected={selected} />
      </div>
    </>
  );
}

const onlyFor = (changes: ReadonlyMap<string, Change>, ...wanted: Change[]) => new Map([...changes].filter(([, change]) => wanted.includes(change)));

interface SideProps {
  readonly view: GoalView;
  readonly plan: Plan;
  readonly changes: ReadonlyMap<string, Change>;
  readonly pick: (version: number) => void;
  readonly name: string;
  readonly select: (step: string) => void;
  readonly selected?: string;
}

function Side({ view, plan, changes, pick, name, select, selected }: SideProps) {
  const key = [...changes].join();
  const shape = useMemo(() => shapeOf(view, plan, changes), [view, plan, key]);
  return (
    <div className="min-w-0 border-line max-lg:not-last:border-b lg:not-last:border-r">
      <div className="flex items-start gap-2 px-4 py-2">
        <label>
          <span className="sr-only">{name}</span>
          <select className="field h-8 min-h-8 w-auto py-0" value={plan.version} onChange={(e) => pick(Number(e.target.value))}>
            {view.plans.map((p) => (
              <option key={p.version} value={p.version}>
                version {p.version}
              </option>
            ))}
          </select>
        </label>
        <p className="line-clamp-2 min-h-10 min-w-0 text-dim" title={rationale(plan.why).reason}>
          {rationale(plan.why).reason}
        </p>
      </div>
      <div className="h-[min(26rem,50dvh)]">
        <PlanGraph label={`${name}: plan ${plan.version}`} shape={shape} select={select} selected={selected} />
      </div>
    </div>
  );
}
