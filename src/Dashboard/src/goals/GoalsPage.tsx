import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../api/me";
import { Button } from "../parts/Button";
import { Complaint, Empty, Failure, Skeleton } from "../parts/States";
import { Page } from "../parts/Page";
import { count } from "../parts/format";
import { GoalFilters } from "./GoalFilters";
import { GoalsTable } from "./GoalsTable";
import { SubmitDialog } from "./SubmitDialog";
import { useGoals } from "./useGoals";

const route = getRouteApi("/goals");

export function GoalsPage() {
  const filters = route.useSearch();
  const [submitting, setSubmitting] = useState(false);
  const maySubmit = useMay("submitter");
  const { goals, list, renew, stale } = useGoals(filters);
  const filtered = Boolean(filters.status || filters.tenant || filters.q);
  const submit = maySubmit && (
    <Button look="primary" icon="plus" onClick={() => setSubmitting(true)}>
      Submit a goal
    </Button>
  );
  return (
    <Page title="Goals" note={list.isSuccess && <span className="tabular-nums">{loaded(goals.length, list.hasNextPage)}</span>} actions={submit}>
      <GoalFilters />
      {stale !== undefined && (
        <div className="mb-3">
          <Complaint error={stale} />
        </div>
      )}
      <div className="panel overflow-hidden">
        {list.isPending ? (
          <Skeleton rows={12} />
        ) : list.isError ? (
          <Failure what="The goals cannot be listed" error={list.error} retry={() => void list.refetch()} />
        ) : goals.length === 0 ? (
          filtered ? (
            <Empty title="No goal is like this">Take a filter away, or wait: goals appear here by themselves.</Empty>
          ) : (
            <Empty title="No goals yet" action={submit}>
              A goal is a sentence, with files if you like: the mesh plans it, works on it and asks you where it must. From a terminal:{" "}
              <code className="font-mono">agentmesh run "…" --server {location.origin}</code>
            </Empty>
          )
        ) : (
          <GoalsTable goals={goals} more={list.hasNextPage} loading={list.isFetchingNextPage} fetchMore={() => void list.fetchNextPage()} renew={renew} />
        )}
      </div>
      {submitting && <SubmitDialog close={() => setSubmitting(false)} />}
    </Page>
  );
}

const loaded = (n: number, more: boolean): string => `${count(n)}${more ? "+" : ""} ${n === 1 && !more ? "goal" : "goals"}`;
