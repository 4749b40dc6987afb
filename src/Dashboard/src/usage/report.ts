import type { WireUsage } from "../api/types";
import { addUsage, noUsage, type Usage } from "../journal/usage";

export interface ModelUsage {
  /** Left out for tool calls, and where the journal does not say which model it was. */
  readonly model?: string;
  readonly usage: WireUsage;
}

export interface UsageDay {
  readonly day: string;
  readonly tenant: string;
  readonly goals: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly spent: readonly ModelUsage[];
}

export interface UsageReport {
  readonly from: string;
  readonly to: string;
  readonly total: readonly ModelUsage[];
  readonly days: readonly UsageDay[];
}

export interface TenantLine {
  readonly tenant: string;
  readonly goals: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly usage: Usage;
}

export const sum = (spent: readonly ModelUsage[]): Usage => spent.reduce((all, s) => addUsage(all, s.usage), noUsage);

export function byTenant(days: readonly UsageDay[]): TenantLine[] {
  const lines = new Map<string, TenantLine>();
  for (const d of days) {
    const line = lines.get(d.tenant) ?? { tenant: d.tenant, goals: 0, completed: 0, failed: 0, cancelled: 0, usage: noUsage };
    lines.set(d.tenant, {
      tenant: d.tenant,
      goals: line.goals + d.goals,
      completed: line.completed + d.completed,
      failed: line.failed + d.failed,
      cancelled: line.cancelled + d.cancelled,
      usage: addUsage(line.usage, sum(d.spent)),
    });
  }
  return [...lines.values()].sort((a, b) => b.usage.inputTokens + b.usage.outputTokens - a.usage.inputTokens - a.usage.outputTokens || b.goals - a.goals);
}

export interface DayBar {
  readonly day: string;
  readonly goals: number;
  readonly tokens: number;
}

/** Every day of the report, those without goals too. */
export function byDay({ from, to, days }: UsageReport): DayBar[] {
  const found = new Map<string, DayBar>();
  for (const d of days) {
    const bar = found.get(d.day) ?? { day: d.day, goals: 0, tokens: 0 };
    const { inputTokens, outputTokens } = sum(d.spent);
    found.set(d.day, { day: d.day, goals: bar.goals + d.goals, tokens: bar.tokens + inputTokens + outputTokens });
  }
  const bars: DayBar[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10);
    bars.push(found.get(day) ?? { day, goals: 0, tokens: 0 });
  }
  return bars;
}
