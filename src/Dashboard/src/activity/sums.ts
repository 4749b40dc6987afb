import type { ActivityView, GrainActivity, InferenceActivity } from "../api/operations";
import { parseSpan, parseTime } from "../journal/time";

export interface GrainLine {
  readonly type: string;
  readonly silos: number;
  readonly activations: number;
  readonly calls: number;
  readonly errors: number;
  readonly callsPerSecond: number;
  /** The worst silo's, in milliseconds: percentiles do not add up. */
  readonly p50: number;
  readonly p99: number;
  readonly callsByBucket: readonly number[];
  readonly errorsByBucket: readonly number[];
}

/** Grains by type over the silos that are looked at. */
export function grainLines(view: ActivityView, silo?: string): GrainLine[] {
  const lines = new Map<string, GrainLine>();
  for (const { silo: name, grains } of view.silos) {
    if (silo !== undefined && name !== silo) continue;
    for (const grain of grains) lines.set(grain.type, joined(lines.get(grain.type), grain));
  }
  return [...lines.values()].sort((a, b) => b.calls - a.calls || a.type.localeCompare(b.type));
}

function joined(line: GrainLine | undefined, g: GrainActivity): GrainLine {
  return {
    type: g.type,
    silos: (line?.silos ?? 0) + 1,
    activations: (line?.activations ?? 0) + g.activations,
    calls: (line?.calls ?? 0) + g.calls,
    errors: (line?.errors ?? 0) + g.errors,
    callsPerSecond: (line?.callsPerSecond ?? 0) + g.callsPerSecond,
    p50: Math.max(line?.p50 ?? 0, g.p50),
    p99: Math.max(line?.p99 ?? 0, g.p99),
    callsByBucket: line ? addUp([line.callsByBucket, g.callsByBucket]) : g.callsByBucket,
    errorsByBucket: line ? addUp([line.errorsByBucket, g.errorsByBucket]) : g.errorsByBucket,
  };
}

export function addUp(lists: readonly (readonly number[])[]): number[] {
  const length = Math.max(0, ...lists.map((l) => l.length));
  // Every list ends now; a shorter one began later.
  return Array.from({ length }, (_, n) => lists.reduce((sum, list) => sum + (list[list.length - length + n] ?? 0), 0));
}

/** As many as there are inks. */
const mostLines = 6;

export interface Series {
  readonly name: string;
  /** Nothing where it is not known. */
  readonly values: readonly (number | undefined)[];
}

export interface ActivitySeries {
  /** Seconds since the epoch, a bucket each. */
  readonly times: readonly number[];
  readonly calls: readonly Series[];
  /** Of those grains alone of which some call failed. */
  readonly errors: readonly Series[];
  readonly queue: readonly Series[];
  readonly memory: readonly Series[];
  readonly tokens: readonly Series[];
  readonly batch: readonly Series[];
  readonly waiting: readonly Series[];
}

export function seriesOf(view: ActivityView, silo?: string): ActivitySeries {
  const silos = view.silos.filter((s) => silo === undefined || s.silo === silo);
  const length = Math.max(0, ...silos.map((s) => s.queue.length));
  const bucket = parseSpan(view.bucket);
  const start = parseTime(view.from) / 1000;
  const perSecond = (values: readonly number[]) => values.map((v) => v / bucket);
  const grains = grainLines(view, silo);
  const devices = silos.flatMap((s) => s.inference.map((i) => ({ name: silos.length > 1 ? `${s.silo} ${nameOf(i)}` : nameOf(i), i })));
  return {
    times: Array.from({ length }, (_, n) => start + n * bucket),
    calls: grains.slice(0, mostLines).map((g) => ({ name: g.type, values: perSecond(g.callsByBucket) })),
    errors: grains
      .filter((g) => g.errorsByBucket.some((n) => n > 0))
      .sort((a, b) => b.errors - a.errors)
      .slice(0, mostLines)
      .map((g) => ({ name: g.type, values: perSecond(g.errorsByBucket) })),
    queue: silos.map((s) => ({ name: s.silo, values: s.queue })),
    memory: silos.map((s) => ({ name: s.silo, values: s.memory.map((m) => m / 1024 ** 2) })),
    tokens: devices.map(({ name, i }) => ({ name, values: i.tokensPerSecond })),
    batch: devices.map(({ name, i }) => ({ name, values: i.batch })),
    waiting: devices.map(({ name, i }) => ({ name, values: i.queue })),
  };
}

const nameOf = (i: InferenceActivity): string => `${i.model} on ${i.device}`;
