import { expect, test } from "vitest";
import type { ActivityView, GrainActivity } from "../api/operations";
import { addUp, grainLines, seriesOf } from "./sums";

const grain = (type: string, calls: number, p99: number): GrainActivity => ({ type, activations: 1, calls, errors: 1, callsPerSecond: calls, p50: 1, p99, callsByBucket: [calls, calls], errorsByBucket: [0, 0] });
const view: ActivityView = {
  from: "2030-01-01T00:00:00Z",
  bucket: "00:00:02",
  silos: [
    { silo: "a", grains: [grain("Agent", 4, 10)], inference: [], memory: [1024 ** 2, 0], queue: [1, 2] },
    { silo: "b", grains: [grain("Agent", 6, 30), grain("Keeper", 1, 1)], inference: [], memory: [0, 0], queue: [0, 0] },
  ],
};

test("grains are added up over the silos, and percentiles are the worst", () => {
  expect(grainLines(view)).toMatchObject([
    { type: "Agent", silos: 2, calls: 10, errors: 2, p99: 30, callsByBucket: [10, 10] },
    { type: "Keeper", silos: 1, calls: 1 },
  ]);
  expect(grainLines(view, "a")).toMatchObject([{ type: "Agent", calls: 4 }]);
});

test("charts are per second, and lists that began later end together", () => {
  const series = seriesOf(view);
  expect(series.times[1]! - series.times[0]!).toBe(2);
  expect(series.calls[0]).toEqual({ name: "Agent", values: [5, 5] });
  expect(addUp([[1, 2, 3], [10]])).toEqual([1, 2, 13]);
  expect(series.errors).toEqual([]);
});

test("errors are drawn of the grains that had some", () => {
  const [a, b] = view.silos;
  const failing = { ...view, silos: [a!, { ...b!, grains: b!.grains.map((g) => (g.type === "Agent" ? { ...g, errorsByBucket: [0, 4] } : g)) }] };
  expect(seriesOf(failing).errors).toEqual([{ name: "Agent", values: [0, 2] }]);
  expect(seriesOf(failing, "a").errors).toEqual([]);
});
