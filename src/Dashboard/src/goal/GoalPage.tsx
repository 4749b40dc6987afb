import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense, useDeferredValue } from "react";
import { type GoalTab, goalTabs } from "../app/router";
import { Failure, Skeleton } from "../parts/States";
import { GoalHeader } from "./GoalHeader";
import { OverviewTab } from "./OverviewTab";
import { ReplayBar } from "./ReplayBar";
import { useFeed, useMoment, type GoalMoment } from "./useGoal";

const route = getRouteApi("/goals/$goal");

const PlanTab = lazy(() => import("./plan/PlanTab").then((m) => ({ default: m.PlanTab })));
const TimelineTab = lazy(() => import("./timeline/TimelineTab").then((m) => ({ default: m.TimelineTab })));
const MessagesTab = lazy(() => import("./MessagesTab").then((m) => ({ default: m.MessagesTab })));
const ArtifactsTab = lazy(() => import("./artifact/ArtifactsTab").then((m) => ({ default: m.ArtifactsTab })));
const WhyTab = lazy(() => import("./WhyTab").then((m) => ({ default: m.WhyTab })));
const JournalTab = lazy(() => import("./JournalTab").then((m) => ({ default: m.JournalTab })));

const names: Record<GoalTab, string> = { overview: "Overview", plan: "Plan", timeline: "Timeline", messages: "Messages", artifacts: "Artifacts", why: "Why", journal: "Journal" };

export function GoalPage() {
  const { goal } = route.useParams();
  return <OneGoal key={goal} goal={goal} />;
}

function OneGoal({ goal }: { goal: string }) {
  const { at, tab = "overview" } = route.useSearch();
  const { feed, snapshot } = useFeed(goal);
  const moment = useMoment(feed, snapshot.last, useDeferredValue(at));
  if (!moment)
    return (
      <>
        <title>Goal · AgentMesh</title>
        <h1 className="sr-only">Goal</h1>
        <div className="panel">{snapshot.error ? <Failure what="This goal cannot be shown" error={snapshot.error} retry={feed.again} /> : <Skeleton rows={14} />}</div>
      </>
    );
  return (
    <>
      <GoalHeader moment={moment} latest={feed.history.at(snapshot.last)!} snapshot={snapshot} again={feed.again} />
      <ReplayBar goal={goal} entries={feed.history.entries} last={snapshot.last} at={at} status={snapshot.status} />
      <Tabs goal={goal} tab={tab} moment={moment} />
      <div id="tab" className="min-h-96">
        <Suspense fallback={<Skeleton rows={10} />}>
          <Tab tab={tab} moment={moment} />
        </Suspense>
      </div>
    </>
  );
}

function Tab({ tab, moment }: { tab: GoalTab; moment: GoalMoment }) {
  switch (tab) {
    case "plan":
      return <PlanTab moment={moment} />;
    case "timeline":
      return <TimelineTab moment={moment} />;
    case "messages":
      return <MessagesTab moment={moment} />;
    case "artifacts":
      return <ArtifactsTab moment={moment} />;
    case "why":
      return <WhyTab moment={moment} />;
    case "journal":
      return <JournalTab moment={moment} />;
    default:
      return <OverviewTab moment={moment} />;
  }
}

function Tabs({ goal, tab, moment }: { goal: string; tab: GoalTab; moment: GoalMoment }) {
  const asked = moment.view.openApprovals.length + moment.view.openQuestions.length;
  return (
    <nav aria-label="Parts of the goal" className="mb-4 overflow-x-auto border-b border-line">
      <ul className="flex whitespace-nowrap">
        {goalTabs.map((name) => (
          <li key={name}>
            <Link
              to="/goals/$goal"
              params={{ goal }}
              search={(s) => ({ ...s, tab: name === "overview" ? undefined : name })}
              replace
              resetScroll={false}
              activeProps={{}}
              aria-current={tab === name ? "page" : undefined}
              className={`flex h-10 items-center gap-1.5 border-b-2 px-3 font-medium ${tab === name ? "border-accent text-accent" : "border-transparent text-dim hover:text-ink"}`}
            >
              {names[name]}
              {name === "overview" && asked > 0 && <span className="rounded-full bg-amber-soft px-1.5 text-xs whitespace-nowrap text-amber">{asked} asked</span>}
              {name === "plan" && moment.view.plans.length > 1 && <span className="text-xs tabular-nums">v{moment.view.plans.length}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
