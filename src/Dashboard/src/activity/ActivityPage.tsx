import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import type { ActivityView, ClusterView, SiloView } from "../api/operations";
import { activityWindows } from "../app/router";
import { count, decimal } from "../parts/format";
import { Page, Section } from "../parts/Page";
import { Complaint, Failure, Skeleton } from "../parts/States";
import { Table } from "../parts/Table";
import { grainLines, type Series, seriesOf } from "./sums";
import { DeviceTable, SiloTable } from "./SiloTables";
import { useActivity, useCluster } from "./useActivity";
import { useRecent } from "./useRecent";

const route = getRouteApi("/activity");
const Chart = lazy(() => import("./Chart"));
const windowNames: Record<number, string> = { 60: "1 min", 300: "5 min", 900: "15 min", 3600: "1 h" };

export function ActivityPage() {
  const { window = 300, silo: wanted } = route.useSearch();
  const navigate = useNavigate();
  const cluster = useCluster();
  const activity = useActivity(window);
  // A link may name a silo that is gone: all of them say more than none.
  const silo = cluster.data?.silos.some((s) => s.name === wanted) ? wanted : undefined;
  const put = (change: { window?: number; silo?: string }) => void navigate({ to: "/activity", search: (s) => ({ ...s, ...change }), replace: true, resetScroll: false });
  const error = cluster.error ?? activity.error;
  return (
    <Page
      title="Activity"
      note={cluster.data && (cluster.data.cluster === "local" ? "one process" : `cluster ${cluster.data.cluster}, ${cluster.data.silos.length} silos`)}
      actions={
        <>
          {(cluster.data?.silos.length ?? 0) > 1 && (
            <label className="flex items-center gap-2 text-dim">
              Silo
              <select className="field h-9 w-auto py-0 text-ink" value={silo ?? ""} onChange={(e) => put({ silo: e.target.value || undefined })}>
                <option value="">all</option>
                {cluster.data?.silos.map((s) => (
                  <option key={s.name}>{s.name}</option>
                ))}
              </select>
            </label>
          )}
          <div role="group" aria-label="Window" className="flex gap-0.5 rounded-md bg-sunken p-0.5">
            {activityWindows.map((w) => (
              <button key={w} type="button" aria-pressed={w === window} onClick={() => put({ window: w })} className={`h-8 rounded px-2.5 ${w === window ? "bg-panel font-medium shadow-sm" : "text-dim hover:text-ink"}`}>
                {windowNames[w]}
              </button>
            ))}
          </div>
        </>
      }
    >
      {cluster.data && activity.data ? (
        <>
          {error && (
            <div className="mb-3">
              <Complaint error={error} />
            </div>
          )}
          <Found cluster={cluster.data} activity={activity.data} window={window} silo={silo} at={activity.isPlaceholderData ? undefined : Math.max(cluster.dataUpdatedAt, activity.dataUpdatedAt) / 1000} />
        </>
      ) : (
        <div className="panel">{error ? <Failure what="The machines cannot be seen" error={error} retry={() => void Promise.all([cluster.refetch(), activity.refetch()])} /> : <Skeleton rows={16} />}</div>
      )}
    </Page>
  );
}

interface FoundProps {
  readonly cluster: ClusterView;
  readonly activity: ActivityView;
  readonly window: number;
  readonly silo?: string;
  /** When the server last answered, in seconds; nothing while its answer is still of another window. */
  readonly at?: number;
}

function Found({ cluster, activity, window, silo, at }: FoundProps) {
  const series = useMemo(() => seriesOf(activity, silo), [activity, silo]);
  const grains = useMemo(() => grainLines(activity, silo), [activity, silo]);
  const silos = cluster.silos.filter((s) => silo === undefined || s.name === silo);
  const looked = `${window} ${silo ?? ""}`;
  const latency = useRecent(looked, window, at, new Map(grains.map((g) => [g.type, g.p99])));
  const busy = useRecent(looked, window, at, busySlots(silos));
  return (
    <div className="flex flex-col gap-4">
      <Section title={cluster.cluster === "local" ? "This process" : "Silos"} flush>
        <SiloTable silos={silos} />
      </Section>
      <Section title="History">
        <div className="grid gap-x-6 gap-y-5 lg:grid-cols-2">
          <OneChart title="Calls by grain" unit="a second" times={series.times} series={series.calls} none="No grain was called in this window. Submit a goal, and its calls appear here." />
          <OneChart title="Failed calls by grain" unit="a second" times={series.times} series={series.errors} none="No call failed in this window." />
          <OneChart title="Latency" unit="ms, p99 over the window, since this page was opened" {...latency} none="Nothing was called in this window." />
          <OneChart title="Queue" unit="calls that run or wait" times={series.times} series={series.queue} />
          <OneChart title="Memory" unit="MiB, working set" times={series.times} series={series.memory} />
          {series.tokens.length === 0 ? (
            <p className="max-w-prose self-center text-dim">
              No model of this mesh generated anything in this window: rules answered, or nobody asked. Tokens, batches and queues are drawn here when one does.
            </p>
          ) : (
            <>
              <OneChart title="Tokens" unit="a second, generated" times={series.times} series={series.tokens} />
              <OneChart title="Batch" unit="requests at once, on average" times={series.times} series={series.batch} />
              <OneChart title="Waiting for a model" unit="requests" times={series.times} series={series.waiting} />
            </>
          )}
          {busy.series.length > 0 && <OneChart title="Busy slots" unit="since this page was opened" {...busy} />}
        </div>
      </Section>
      <Section title="Inference" flush>
        <DeviceTable silos={silos} />
      </Section>
      <Section title="Grains by type" flush>
        {grains.length === 0 ? (
          <p className="p-4 text-dim">Nothing was called in this window.</p>
        ) : (
          <Table
            label="Grains by type"
            rows={grains}
            keyOf={(g) => g.type}
            columns={[
              { title: "Type", cell: (g) => <span className="font-mono text-xs">{g.type}</span> },
              { title: "Activations", number: true, cell: (g) => count(g.activations) },
              { title: "Calls", number: true, cell: (g) => count(g.calls) },
              { title: "Calls/s", number: true, cell: (g) => decimal(g.callsPerSecond, 1) },
              { title: "Errors", number: true, cell: (g) => <span className={g.errors > 0 ? "font-medium text-red" : ""}>{count(g.errors)}</span> },
              { title: "p50 ms", number: true, cell: (g) => decimal(g.p50) },
              { title: "p99 ms", number: true, cell: (g) => decimal(g.p99) },
            ]}
          />
        )}
      </Section>
    </div>
  );
}

const busySlots = (silos: readonly SiloView[]): ReadonlyMap<string, number> =>
  new Map(silos.flatMap((s) => s.devices.map((d) => [`${silos.length > 1 ? `${s.name} ` : ""}${d.model} on ${d.device}`, d.busy] as const)));

interface OneChartProps {
  readonly title: string;
  readonly unit: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly none?: string;
}

/** As high with lines as without. */
function OneChart({ none, ...chart }: OneChartProps) {
  return (
    <div className="min-h-[178px] min-w-0">
      {chart.series.length === 0 ? (
        <>
          <p className="font-medium">
            {chart.title} <span className="font-normal text-dim">{chart.unit}</span>
          </p>
          <p className="mt-2 max-w-prose text-dim">{none ?? "Nothing yet."}</p>
        </>
      ) : (
        <Suspense>
          <Chart {...chart} />
        </Suspense>
      )}
    </div>
  );
}
