import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { rationale } from "../../journal/rationale";
import { Button } from "../../parts/Button";
import { Section } from "../../parts/Page";
import { Empty } from "../../parts/States";
import type { GoalMoment } from "../useGoal";
import { shapeOf } from "./graph";
import { PlanComparison } from "./PlanComparison";
import { PlanGraph } from "./PlanGraph";
import { StepPanel } from "./StepPanel";
import { StepTable } from "./StepTable";

const route = getRouteApi("/goals/$goal");

export function PlanTab({ moment }: { moment: GoalMoment }) {
  const { view } = moment;
  const { step, versions } = route.useSearch();
  const navigate = useNavigate();
  const put = (change: { step?: string; versions?: string }) =>
    void navigate({ to: "/goals/$goal", params: { goal: view.goal }, search: (s) => ({ ...s, ...change }), replace: true, resetScroll: false });
  const newest = view.plans.at(-1);
  const [left, right] = (versions ?? "").split("-").map((v) => view.plans.find((p) => p.version === Number(v)));
  const shown = left && !right ? left : newest;
  const shape = useMemo(() => shown && shapeOf(view, shown), [view, shown]);
  if (!shown || !shape)
    return (
      <div className="panel">
        <Empty title={view.endedAt ? "No plan was found" : "A plan is being made"}>{view.reason}</Empty>
      </div>
    );
  const before = view.plans.at(-2);
  return (
    <div className="flex flex-col gap-4">
      <Section
        title={left && right ? `Plan ${left.version} beside plan ${right.version}` : `Plan ${shown.version} of ${view.plans.length}`}
        flush
        actions={
          view.plans.length > 1 && (
            <>
              <label className="flex items-center gap-2 text-dim">
                Show
                <select className="field h-8 min-h-8 w-auto py-0 text-ink" value={left && right ? "" : shown.version} onChange={(e) => put({ versions: e.target.value })}>
                  {left && right && <option value="">two</option>}
                  {view.plans.map((p) => (
                    <option key={p.version} value={p.version}>
                      version {p.version}
                    </option>
                  ))}
                </select>
              </label>
              {left && right ? (
                <Button onClick={() => put({ versions: undefined })}>One only</Button>
              ) : (
                <Button onClick={() => put({ versions: shown.version > 1 ? `${shown.version - 1}-${shown.version}` : `${before!.version}-${newest!.version}` })}>Compare</Button>
              )}
            </>
          )
        }
      >
        {left && right ? (
          <PlanComparison view={view} before={left} after={right} choose={(versions) => put({ versions })} select={(id) => put({ step: id })} selected={step} />
        ) : (
          <>
            <p className="border-b border-line px-4 py-2 text-dim">
              <span className="font-mono text-xs">{shown.proposer}</span> · {rationale(shown.why).reason}
            </p>
            <div className="h-[min(30rem,60dvh)]">
              <PlanGraph label={`Plan ${shown.version}`} shape={shape} selected={step} select={(id) => put({ step: id })} />
            </div>
          </>
        )}
      </Section>
      {step && <StepPanel moment={moment} step={step} close={() => put({ step: undefined })} />}
      <Section title="Every step" flush>
        <StepTable view={view} />
      </Section>
    </div>
  );
}
