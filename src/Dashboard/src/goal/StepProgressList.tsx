import { Link } from "@tanstack/react-router";
import type { GoalView, StepStatus } from "../api/types";
import { Icon } from "../parts/Icon";
import { statusLooks } from "../parts/StatusBadge";

const most = 30;
const colours: Record<string, string> = { blue: "text-blue", amber: "text-amber", green: "text-green", red: "text-red", violet: "text-violet", grey: "text-grey" };

export function StepProgressList({ view }: { view: GoalView }) {
  if (view.steps.length === 0) return <p className="text-dim">{view.endedAt ? "No plan was made." : "The plan is being made."}</p>;
  return (
    <ol className="flex flex-col gap-0.5">
      {view.steps.slice(0, most).map((step) => (
        <li key={step.step}>
          <Link
            to="/goals/$goal"
            params={{ goal: view.goal }}
            search={(s) => ({ ...s, tab: "plan" as const, step: step.step })}
            className="flex min-h-8 items-center gap-2 rounded px-1.5 hover:bg-sunken"
            style={{ paddingLeft: step.parent ? "1.5rem" : undefined }}
          >
            <StepMark status={step.status} />
            <span className="min-w-0 flex-1 truncate">
              {step.step} <span className="text-dim">· {step.role}</span>
            </span>
            <span className="shrink-0 text-xs text-dim">{statusLooks[step.status].word}</span>
          </Link>
        </li>
      ))}
      {view.steps.length > most && <li className="px-1.5 text-dim">… {view.steps.length - most} more, on the plan</li>}
    </ol>
  );
}

export function StepMark({ status }: { status: StepStatus }) {
  const look = statusLooks[status];
  return (
    <span className={colours[look.colour]}>
      <Icon name={look.icon} size={14} />
    </span>
  );
}
