import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { JournalEntry } from "../api/events";
import type { Plan } from "../api/types";
import { compare } from "./comparison";
import { decisionsOf } from "./decisions";
import { exchangesOf } from "./exchanges";
import { History } from "./history";
import { replay } from "./reduce";
import { bigJournal } from "./sample";
import { spansOf } from "./spans";
import { toldLast } from "./steps";
import { parseSpan, parseTime } from "./time";
import { viewOf } from "./view";
import { newStep } from "./work";

const journal = (name: string): JournalEntry[] =>
  readFileSync(fileURLToPath(new URL(`../../../../tests/Histories/${name}.jsonl`, import.meta.url)), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JournalEntry);

test("times keep what is below a millisecond", () => {
  expect(parseTime("2030-01-01T00:00:00.9947425+00:00") - parseTime("2030-01-01T00:00:00Z")).toBeCloseTo(994.7425, 3);
  expect(parseSpan("1.02:03:04.5")).toBe(93_784.5);
  expect(parseSpan("00:02:00")).toBe(120);
});

test("the timeline shows attempts, their calls below them, and how long a person took", () => {
  const spans = spansOf(journal("approval-approved"));
  expect(spans.map((s) => `${s.depth} ${s.kind} ${s.label} ${s.outcome}`)).toEqual([
    "0 plan plan 1 ok",
    "0 step s1a0 ok",
    "1 wait waits for a person ok",
    "1 tool mail ok",
  ]);
  expect(spans.every((s) => s.end !== undefined && s.end >= s.start)).toBe(true);
});

test("a retry is a further attempt, behind the time that it waited", () => {
  const spans = spansOf(journal("retry"));
  expect(spans.some((s) => s.kind === "backoff" && s.outcome === "ok")).toBe(true);
  expect(spans.some((s) => s.label.endsWith("(attempt 2)"))).toBe(true);
});

const made = (...events: readonly object[]): JournalEntry[] => {
  const steps = (ids: string) => ids.split("").map((id) => ({ id, role: "worker", instruction: "", inputs: [], produces: "note" }));
  const whole = events.map((e) => ("plan" in e ? { ...e, type: "plan.accepted", plan: { version: 1, proposer: "typed", deliver: [], why: "", steps: steps(String(e.plan)) } } : e));
  return whole.map((event, n) => ({ sequence: n + 1, at: new Date(Date.UTC(2030, 0, 1, 0, 0, n)).toISOString(), event: event as JournalEntry["event"] }));
};
const started = (step: string) => ({ type: "step.started", step, attempt: 1, agent: "g/worker/1" });
const outcomes = (...events: readonly object[]) => spansOf(made(...events)).map((s) => `${s.label} ${s.outcome} ${s.end === undefined ? "" : (s.end - Date.UTC(2030, 0, 1)) / 1000}`.trim());

test("a plan that does without a step stops it, its helpers and what they waited for", () => {
  expect(
    outcomes(
      { plan: "abc" },
      started("a"),
      started("b"),
      { type: "step.spawned", parent: "b", attempt: 1, steps: [{ id: "h", role: "worker" }], why: "" },
      started("h"),
      { type: "approval.requested", request: "r", step: "h" },
      { type: "step.suspended", step: "h", attempt: 1, on: "r" },
      started("c"),
      { type: "step.suspended", step: "c", attempt: 1, on: "q" },
      { plan: "ac" },
    ),
  ).toEqual(["a open", "b ok 3", "h cancelled 9", "waits for a person cancelled 9", "c open", "waits for a person open"]);
});

test("consent that was asked for under another plan is waited for no more", () => {
  const asks = [{ type: "approval.requested", request: "r", step: "a" }, { type: "step.suspended", step: "a", attempt: 1, on: "r" }];
  expect(outcomes({ plan: "a" }, started("a"), ...asks, { plan: "a" }, ...asks)).toEqual(["a open", "waits for a person cancelled 4", "waits for a person open"]);
});

test("when a goal ends nothing of it runs on", () => {
  expect(
    outcomes(
      { plan: "abc" },
      started("a"),
      { type: "step.suspended", step: "a", attempt: 1, on: "q" },
      started("b"),
      { type: "step.failed", step: "b", attempt: 1, kind: "Transient", error: "away" },
      { type: "step.retry", step: "b", nextAttempt: 2, dueAt: "later" },
      started("c"),
      { type: "tool.claimed", step: "c", call: "c/1", tool: "mail" },
      { type: "goal.ended", status: "Cancelled", reason: "", result: [] },
    ),
  ).toEqual(["a cancelled 8", "waits for a person cancelled 8", "b failed 4", "waits for the next attempt cancelled 8", "c cancelled 8", "mail unknown 8"]);
});

test("who told whom can be read", () => {
  const said = exchangesOf(journal("spawn"));
  expect(said.map((m) => `${m.from} ${m.verb} → ${m.to}`)).toContain("worker/1 assigns → worker/2");
  expect(said.at(-1)?.to).toBe("submitter");
});

test("every decision has its reason", () => {
  for (const name of ["replan", "budget", "skipped-by-condition", "no-plan-then-answer", "unknown-happened"])
    for (const decision of decisionsOf(journal(name))) expect(decision.why.reason, `${name} ${decision.sequence}`).not.toBe("");
});

test("two plans differ in what was added, dropped and changed", () => {
  const plan = (version: number, ...ids: string[]): Plan => ({
    version,
    proposer: "typed",
    why: "",
    deliver: [],
    steps: ids.map((id) => ({ id: id.replace(/\W/, ""), role: id.includes("*") ? "other" : "worker", instruction: "", inputs: [], produces: "note", ...(id.includes("?") && { optional: true }) })),
  });
  expect(compare(plan(1, "a"), plan(2, "a?")).get("a")).toBe("changed");
  const [step] = plan(1, "a").steps;
  const having = (more: object): Plan => ({ ...plan(1), steps: [{ ...step!, ...more }] });
  for (const more of [{ tools: ["mail"] }, { timeout: "00:01:00" }, { retry: { maxAttempts: 1, firstDelay: "00:00:01", maxDelay: "00:00:01" } }])
    expect(compare(plan(1, "a"), having(more)).get("a")).toBe("changed");
  expect(compare(plan(1, "a"), having({ optional: false, parent: undefined })).get("a")).toBe("same");
  expect([...compare(plan(1, "a", "b", "c"), plan(2, "a", "b*", "d"))]).toEqual([
    ["a", "same"],
    ["b", "changed"],
    ["d", "added"],
    ["c", "dropped"],
  ]);
});

test("a fork goes on from the newest plan that has the step", () => {
  const plan = (version: number, id: string, instruction: string): Plan => ({ version, proposer: "typed", why: "", deliver: [], steps: [{ id, role: "worker", instruction, inputs: [], produces: "note" }] });
  const step = newStep({ id: "a", role: "worker", instruction: "first", inputs: [], produces: "note" }, 1);
  expect(toldLast([plan(1, "a", "first"), plan(2, "a", "second"), plan(3, "b", "other")], step)).toBe("second");
  expect(toldLast([], step)).toBe("first");
});

test("a long journal has its state at any sequence", () => {
  const entries = bigJournal(2_000);
  const history = new History();
  expect(history.add(entries)).toBe(true);
  for (const n of [1, 2, 199, 200, 201, 1_000, 1_999, 2_000])
    expect(JSON.stringify(viewOf(history.at(n)!))).toBe(JSON.stringify(viewOf(replay(entries.slice(0, n))!)));
  expect(history.add([{ ...entries[0]!, sequence: 2_002 }])).toBe(false);
});

test("a forked goal begins with what was done before", () => {
  const steps = ["a", "b"].map((id) => ({ id, role: "worker", instruction: "", inputs: [], produces: "note" }));
  const [submitted] = bigJournal(20);
  const entry = structuredClone(submitted!) as unknown as { event: { spec: Record<string, unknown> } };
  entry.event.spec.fork = {
    goal: "g",
    step: "b",
    plan: { version: 1, steps, deliver: ["b"], proposer: "typed", why: "It is forked." },
    done: [{ step: "a", tier: "rules", confidence: 1, why: "It was done." }],
    artifacts: [{ id: "a", kind: "note", value: {}, origin: { step: "a" } }],
  };
  const entries = [entry as unknown as JournalEntry];
  const view = viewOf(replay(entries)!);
  expect(view.status).toBe("Running");
  expect(view.steps.map((s) => `${s.step} ${s.status}`)).toEqual(["a Completed", "b Pending"]);
  expect(view.artifacts.map((a) => a.id)).toEqual(["in-1", "a"]);
  expect(decisionsOf(entries).map((d) => d.why.reason)).toEqual(["It is forked."]);
});
