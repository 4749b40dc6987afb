import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { JournalEntry } from "../api/events";
import type { GoalView, WireRationale } from "../api/types";
import { rationale } from "./rationale";
import { replay } from "./reduce";
import { addUsage, noUsage } from "./usage";
import { viewOf } from "./view";

// The journals that the server's own tests replay, with the views that the server made of them.
const folder = fileURLToPath(new URL("../../../../tests/Histories/", import.meta.url));
const names = readdirSync(folder)
  .filter((f) => f.endsWith(".jsonl"))
  .map((f) => f.slice(0, -".jsonl".length));

const journal = (name: string): JournalEntry[] =>
  readFileSync(`${folder}${name}.jsonl`, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JournalEntry);

/** The same meaning in one spelling: reasons may be bare strings, zeros and absent things left out. */
function spelt(view: GoalView): unknown {
  const why = (w: WireRationale | undefined) => (w === undefined ? undefined : rationale(w));
  return JSON.parse(
    JSON.stringify({
      ...view,
      usage: addUsage(noUsage, view.usage),
      plans: view.plans.map((p) => ({ ...p, why: why(p.why) })),
      steps: view.steps.map((s) => ({ ...s, why: why(s.why) })),
    }),
  );
}

describe("a recorded journal", () => {
  test("is there for everything that can happen to a goal", () => expect(names.length).toBeGreaterThanOrEqual(15));

  test.each(names)("%s gives the view that the server gives", (name) => {
    const expected = JSON.parse(readFileSync(`${folder}${name}.view.json`, "utf8")) as GoalView;
    const state = replay(journal(name));
    expect(spelt(viewOf(state!))).toEqual(spelt(expected));
  });

  test.each(names)("%s has a view at every sequence, and none that changes an earlier one", (name) => {
    const entries = journal(name);
    const texts: string[] = [];
    const states = entries.map((_, n) => replay(entries.slice(0, n + 1))!);
    for (const state of states) texts.push(JSON.stringify(viewOf(state)));
    let state = undefined as ReturnType<typeof replay>;
    const grown = entries.map((entry) => (state = replay([entry], state))!);
    expect(grown.map((s) => JSON.stringify(viewOf(s)))).toEqual(texts);
  });
});

test("an entry that does not follow is refused", () => {
  const entries = journal("happy-path");
  expect(() => replay([entries[0]!, entries[2]!])).toThrow("cannot follow");
});
