import { getRouteApi, Link } from "@tanstack/react-router";
import type { Artifact } from "../../api/types";
import { Empty } from "../../parts/States";
import type { GoalMoment } from "../useGoal";
import { ArtifactCard } from "./ArtifactCard";

const route = getRouteApi("/goals/$goal");

export function ArtifactsTab({ moment: { view } }: { moment: GoalMoment }) {
  const { artifact: chosen } = route.useSearch();
  const shown = view.artifacts.find((a) => a.id === chosen) ?? view.artifacts.find((a) => a.id === view.result[0]) ?? view.artifacts.at(-1);
  if (!shown)
    return (
      <div className="panel">
        <Empty title="No artifacts yet">Files that are submitted and what steps make of them appear here.</Empty>
      </div>
    );
  const submitted = view.artifacts.filter((a) => !a.origin.step);
  const made = view.artifacts.filter((a) => a.origin.step);
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[16rem_minmax(0,1fr)]">
      <nav aria-label="Artifacts" className="panel max-h-72 overflow-y-auto p-2 lg:sticky lg:top-4 lg:max-h-[85dvh]">
        <Group title="Submitted" items={submitted} goal={view.goal} shown={shown} result={view.result} />
        <Group title="Made" items={made} goal={view.goal} shown={shown} result={view.result} />
      </nav>
      <div className="panel overflow-hidden p-3">
        <ArtifactCard key={shown.id} goal={view.goal} artifact={shown} />
      </div>
    </div>
  );
}

const most = 100;

function Group({ title, items, goal, shown, result }: { title: string; items: readonly Artifact[]; goal: string; shown: Artifact; result: readonly string[] }) {
  if (items.length === 0) return null;
  return (
    <>
      <h2 className="px-2 pt-2 pb-1 text-xs font-semibold text-dim">
        {title} ({items.length})
      </h2>
      <ul>
        {items.slice(0, most).map((a) => (
          <li key={a.id}>
            <Link
              to="/goals/$goal"
              params={{ goal }}
              search={(s) => ({ ...s, artifact: a.id })}
              replace
              resetScroll={false}
              activeProps={{}}
              aria-current={a.id === shown.id ? "true" : undefined}
              className={`flex min-h-8 items-center gap-2 rounded px-2 ${a.id === shown.id ? "bg-accent-soft text-accent" : "hover:bg-sunken"}`}
            >
              <span className="min-w-0 flex-1 truncate">{a.origin.step ? a.id : (a.origin.source ?? a.id)}</span>
              <span className="shrink-0 text-xs">{result.includes(a.id) ? "result" : a.kind}</span>
            </Link>
          </li>
        ))}
        {items.length > most && <li className="px-2 text-dim">… {items.length - most} more, by the steps that made them</li>}
      </ul>
    </>
  );
}
