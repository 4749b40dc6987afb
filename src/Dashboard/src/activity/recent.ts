import type { Series } from "./sums";

/** What was so at one moment, by name. */
export interface Sample {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly values: ReadonlyMap<string, number>;
}

/** One more of what the server says only of the present; what is older than the window goes. A moment that was there already is no new one. */
export function remember(samples: readonly Sample[], sample: Sample, window: number): readonly Sample[] {
  const last = samples.at(-1);
  if (last && sample.time <= last.time) return samples;
  return [...samples.filter((s) => s.time > sample.time - window), sample];
}

/** A line over the window for each name that is there now, of too many the largest; a gap where it was not, as before the page was opened. */
export function linesOf(samples: readonly Sample[], window: number, most = 6): { readonly times: readonly number[]; readonly series: readonly Series[] } {
  const last = samples.at(-1);
  if (!last) return { times: [], series: [] };
  const names = [...last.values].sort(([, a], [, b]) => b - a).slice(0, most);
  return {
    times: [last.time - window, ...samples.map((s) => s.time)],
    series: names.map(([name]) => name).sort().map((name) => ({ name, values: [undefined, ...samples.map((s) => s.values.get(name))] })),
  };
}
