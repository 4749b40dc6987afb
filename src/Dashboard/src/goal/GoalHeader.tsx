import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../api/me";
import { isOver, type GoalState } from "../journal/state";
import { parseTime } from "../journal/time";
import { Button } from "../parts/Button";
import { duration, plural } from "../parts/format";
import { Icon } from "../parts/Icon";
import { Complaint } from "../parts/States";
import { StatusBadge } from "../parts/StatusBadge";
import { Ago, useNow } from "../parts/Time";
import type { FeedSnapshot } from "./GoalFeed";
import { CancelDialog, TellDialog } from "./PeopleDialogs";
import type { GoalMoment } from "./useGoal";

interface Props {
  readonly moment: GoalMoment;
  readonly latest: GoalState;
  readonly snapshot: FeedSnapshot;
  readonly again: () => void;
}

export function GoalHeader({ moment, latest, snapshot, again }: Props) {
  const { view, state } = moment;
  const [open, setOpen] = useState<"tell" | "cancel">();
  const maySubmit = useMay("submitter");
  const done = state.steps.items.filter(isOver).length;
  const steps = state.steps.items.length;
  return (
    <header className="mb-3">
      <title>{`${view.spec.text.slice(0, 60)} · AgentMesh`}</title>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-80">
          <p className="mb-1 flex flex-wrap items-center gap-x-2 text-xs text-dim">
            <Link to="/goals" className="underline">
              Goals
            </Link>
            <span aria-hidden="true">/</span>
            <span className="font-mono break-all">{view.goal}</span>
          </p>
          <h1 className="line-clamp-3 text-lg leading-snug font-semibold" title={view.spec.text}>
            {view.spec.text}
          </h1>
        </div>
        {maySubmit && !latest.ended && (
          <div className="flex gap-2">
            <Button icon="edit" onClick={() => setOpen("tell")}>
              Tell it something
            </Button>
            <Button icon="close" look="danger" onClick={() => setOpen("cancel")}>
              Cancel
            </Button>
          </div>
        )}
      </div>
      <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-dim">
        <StatusBadge status={view.status} />
        <span aria-live="polite" className="text-ink">
          {view.reason}
        </span>
        {steps > 0 && (
          <span className="tabular-nums">
            {done}/{plural(steps, "step")}
          </span>
        )}
        <Took moment={moment} />
        <span>
          submitted <Ago at={view.submittedAt} /> by {view.spec.submittedBy}
        </span>
        {view.spec.tenant !== "default" && <span>tenant {view.spec.tenant}</span>}
        {snapshot.status === "broken" && (
          <span role="status" className="flex items-center gap-1 text-amber">
            <Icon name="warning" size={14} />
            The server does not answer; trying again by itself.
          </span>
        )}
        {snapshot.status === "refused" && (
          <span className="flex flex-wrap items-center gap-2">
            <Complaint error={snapshot.error} />
            <Button onClick={again}>Try again</Button>
          </span>
        )}
      </div>
      {open === "tell" && <TellDialog goal={view.goal} close={() => setOpen(undefined)} />}
      {open === "cancel" && <CancelDialog goal={view.goal} close={() => setOpen(undefined)} />}
    </header>
  );
}

function Took({ moment: { view, state, isNow } }: { moment: GoalMoment }) {
  const moves = isNow && !view.endedAt;
  const now = useNow(moves);
  const end = moves ? now : parseTime(view.endedAt ?? state.updatedAt);
  return <span className="tabular-nums">{duration(Math.max(0, end - parseTime(view.submittedAt)))}</span>;
}
