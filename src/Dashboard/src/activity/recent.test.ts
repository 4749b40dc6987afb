import { expect, test } from "vitest";
import { linesOf, remember, type Sample } from "./recent";

const sample = (time: number, values: Record<string, number>): Sample => ({ time, values: new Map(Object.entries(values)) });

test("what is only said of the present becomes lines while it is looked at", () => {
  let seen: readonly Sample[] = [];
  for (const s of [sample(0, { Agent: 9 }), sample(2, { Agent: 5 }), sample(4, { Agent: 6, Keeper: 1 }), sample(6, { Agent: 7, Keeper: 2 })]) seen = remember(seen, s, 5);
  expect(linesOf(seen, 5)).toEqual({
    times: [1, 2, 4, 6],
    series: [
      { name: "Agent", values: [undefined, 5, 6, 7] },
      { name: "Keeper", values: [undefined, undefined, 1, 2] },
    ],
  });
  expect(linesOf(seen, 5, 1).series.map((s) => s.name)).toEqual(["Agent"]);
  expect(linesOf([], 5)).toEqual({ times: [], series: [] });
});

test("the same answer twice is one moment", () => {
  const seen = remember([], sample(1, { a: 1 }), 60);
  expect(remember(seen, sample(1, { a: 2 }), 60)).toBe(seen);
});
