import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { get } from "../api/client";
import { count, decimal, duration, short } from "../parts/format";
import { Page, Section } from "../parts/Page";
import { Empty, Failure, Skeleton } from "../parts/States";
import { Table } from "../parts/Table";
import { byDay, byTenant, type DayBar, sum, type UsageReport } from "./report";

const spans = [7, 30, 90, 365] as const;
const dayMs = 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export function UsagePage() {
  const [days, setDays] = useState<(typeof spans)[number]>(30);
  const to = dayOf(Date.now());
  const from = dayOf(Date.now() - (days - 1) * dayMs);
  const report = useQuery({
    queryKey: ["usage", from, to],
    queryFn: ({ signal }) => get<UsageReport>("/v1/usage", { from, to }, signal),
    placeholderData: (before) => before,
    refetchInterval: 30_000,
  });
  return (
    <Page
      title="Usage"
      note="by the day on which goals were submitted (UTC)"
      actions={
        <div role="group" aria-label="Time" className="flex gap-0.5 rounded-md bg-sunken p-0.5">
          {spans.map((n) => (
            <button key={n} type="button" aria-pressed={n === days} onClick={() => setDays(n)} className={`h-8 rounded px-2.5 ${n === days ? "bg-panel font-medium shadow-sm" : "text-dim hover:text-ink"}`}>
              {n} days
            </button>
          ))}
        </div>
      }
    >
      {report.isPending ? (
        <div className="panel">
          <Skeleton rows={12} />
        </div>
      ) : report.isError ? (
        <div className="panel">
          <Failure what="The usage cannot be shown" error={report.error} retry={() => void report.refetch()} />
        </div>
      ) : (
        <Report report={report.data} />
      )}
    </Page>
  );
}

function Report({ report }: { report: UsageReport }) {
  const tenants = useMemo(() => byTenant(report.days), [report.days]);
  const bars = useMemo(() => byDay(report), [report]);
  const total = sum(report.total);
  const goals = tenants.reduce((all, t) => all + t.goals, 0);
  if (goals === 0)
    return (
      <div className="panel">
        <Empty title="No goals in this time">Look at a longer time, or submit a goal: what it spends is counted here.</Empty>
      </div>
    );
  return (
    <div className="flex flex-col gap-4">
      <ul className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
        <Figure name="Goals" value={count(goals)} />
        <Figure name="Tokens in" value={short(total.inputTokens)} />
        <Figure name="Tokens out" value={short(total.outputTokens)} />
        <Figure name="Model calls" value={short(total.modelCalls)} />
        <Figure name="Tool calls" value={short(total.toolCalls)} />
        <Figure name="Cost" value={decimal(total.cost, 4)} />
      </ul>
      <Section title="Day by day">
        <div className="grid gap-6 lg:grid-cols-2">
          <Bars title="Goals" bars={bars} value={(b) => b.goals} />
          <Bars title="Tokens" bars={bars} value={(b) => b.tokens} />
        </div>
      </Section>
      <Section title="Tenants" flush>
        <Table
          label="Tenants"
          rows={tenants}
          keyOf={(t) => t.tenant}
          columns={[
            { title: "Tenant", cell: (t) => <strong className="font-medium">{t.tenant}</strong> },
            { title: "Goals", number: true, cell: (t) => count(t.goals) },
            { title: "Completed", number: true, cell: (t) => count(t.completed) },
            { title: "Failed", number: true, cell: (t) => <span className={t.failed > 0 ? "text-red" : ""}>{count(t.failed)}</span> },
            { title: "Cancelled", number: true, cell: (t) => count(t.cancelled) },
            { title: "Tokens in", number: true, cell: (t) => short(t.usage.inputTokens) },
            { title: "Tokens out", number: true, cell: (t) => short(t.usage.outputTokens) },
            { title: "Tool calls", number: true, cell: (t) => short(t.usage.toolCalls) },
            { title: "Time", number: true, cell: (t) => duration(t.usage.seconds * 1000) },
            { title: "Cost", number: true, cell: (t) => decimal(t.usage.cost, 4) },
          ]}
        />
      </Section>
      <Section title="Models" flush>
        <Table
          label="Models"
          rows={report.total}
          keyOf={(m) => m.model ?? ""}
          columns={[
            { title: "Model", cell: (m) => (m.model ? <strong className="font-medium">{m.model}</strong> : <span className="text-dim">tools, and models that nobody named</span>) },
            { title: "Calls", number: true, cell: (m) => short(m.usage.modelCalls ?? 0) },
            { title: "Tool calls", number: true, cell: (m) => short(m.usage.toolCalls ?? 0) },
            { title: "Tokens in", number: true, cell: (m) => short(m.usage.inputTokens ?? 0) },
            { title: "Tokens out", number: true, cell: (m) => short(m.usage.outputTokens ?? 0) },
            { title: "Time", number: true, cell: (m) => duration((m.usage.seconds ?? 0) * 1000) },
            { title: "Cost", number: true, cell: (m) => decimal(m.usage.cost ?? 0, 4) },
          ]}
        />
      </Section>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <li className="panel px-4 py-3">
      <p className="text-dim">{name}</p>
      <p className="text-xl font-semibold tabular-nums">{value}</p>
    </li>
  );
}

function Bars({ title, bars, value }: { title: string; bars: readonly DayBar[]; value: (bar: DayBar) => number }) {
  const most = Math.max(1, ...bars.map(value));
  const last = bars.at(-1);
  return (
    <figure>
      <figcaption className="mb-2 flex justify-between">
        <span className="font-medium">{title}</span>
        <span className="text-dim tabular-nums">at most {short(Math.max(...bars.map(value)))} a day</span>
      </figcaption>
      <div role="img" aria-label={`${title} a day from ${bars[0]?.day} to ${last?.day}; on the last day ${count(last ? value(last) : 0)}`} className="flex h-24 items-end gap-px border-b border-edge">
        {bars.map((bar) => (
          <div key={bar.day} title={`${bar.day}: ${count(value(bar))}`} className="min-w-0 flex-1 rounded-t-sm bg-accent" style={{ height: `${(value(bar) / most) * 100}%` }} />
        ))}
      </div>
      <div className="mt-1 flex justify-between text-xs text-dim tabular-nums">
        <span>{bars[0]?.day}</span>
        <span>{last?.day}</span>
      </div>
    </figure>
  );
}
