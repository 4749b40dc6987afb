import { expect, test } from "vitest";
import type { GoalListing, GoalSummary } from "../api/types";
import { renewed, withHead } from "./useGoals";

const goal = (n: number): GoalSummary => ({ goal: `g${String(n).padStart(6, "0")}`, submittedAt: new Date(Date.UTC(2030, 0, 1) + n * 1000).toISOString(), status: "Running", lastSequence: 1 }) as GoalSummary;
const down = (from: number, to: number): GoalSummary[] => Array.from({ length: from - to + 1 }, (_, i) => goal(from - i));
const page = (goals: readonly GoalSummary[], next?: string): GoalListing => ({ goals, next });
const numbers = (pages: readonly GoalListing[]) => pages.flatMap((p) => p.goals.map((g) => Number(g.goal.slice(1))));
const known = { pages: [page(down(1000, 801), "801"), page(down(800, 601), "601"), page(down(600, 401), "401")], pageParams: [undefined, "801", "601"] };
const inOrder = (list: readonly number[]) => list.every((n, i) => i === 0 || n < list[i - 1]!);

test("what is new comes on top, and nothing else moves", () => {
  const { pages, pageParams } = withHead(known, page(down(1005, 806), "806"));
  expect(numbers(pages)).toEqual(numbers([page(down(1005, 401))]));
  expect(pageParams).toEqual(known.pageParams);
  expect(withHead(known, page(down(1000, 801), "801"))).toBe(known);
});

test("goals that no longer match leave, though the head reaches into a later page", () => {
  // Every other goal of the first page is over; the head reaches down to 701.
  const head = page([...down(1000, 801).filter((g) => Number(g.goal.slice(1)) % 2 === 0), ...down(800, 701)], "701");
  const { pages, pageParams } = withHead(known, head);
  expect(numbers(pages)).toEqual(numbers([head, page(down(700, 401))]));
  expect(pageParams).toEqual([undefined, "701", "601"]);
});

test("a goal that matches only now does not begin the list anew", () => {
  const sparse = { ...known, pages: [page(down(1000, 801).filter((g) => g.goal !== "g000850"), "801"), ...known.pages.slice(1)] };
  expect(numbers(withHead(sparse, page(down(1049, 850), "850")).pages)).toEqual(numbers([page(down(1049, 401))]));
});

test("where nothing touches any more the list begins anew", () => {
  const head = page(down(2000, 1801), "1801");
  expect(withHead(known, head)).toEqual({ pages: [head], pageParams: [undefined] });
});

test("a list that is left open does not grow with what is submitted", () => {
  let { pages, pageParams }: Parameters<typeof withHead>[0] = { pages: known.pages.slice(0, 1), pageParams: [undefined] };
  for (let newest = 1000; newest < 20_000; newest += 50) {
    ({ pages, pageParams } = withHead({ pages, pageParams }, page(down(newest, newest - 199), `${newest - 199}`)));
    expect(numbers(pages).length).toBeLessThanOrEqual(800);
    expect(inOrder(numbers(pages))).toBe(true);
    expect(pageParams).toHaveLength(pages.length);
  }
});

test("a page that is renewed ends where it ended", () => {
  const old = page(down(800, 601), "601");
  // Three are over: the answer goes on into the next page by as many.
  const now = page(down(800, 598).filter((g) => !["g000700", "g000701", "g000702"].includes(g.goal)), "598");
  expect(numbers([renewed(old, now)])).toEqual(numbers([old]).filter((n) => n < 700 || n > 702));
  // Two match only now: the answer ends before the page does.
  const sparse = page(old.goals.filter((g) => g.goal !== "g000799" && g.goal !== "g000798"), "601");
  expect(numbers([renewed(sparse, page(down(800, 603), "603"))])).toEqual(numbers([old]));
  expect(renewed(old, page([]))).toEqual({ goals: [], next: "601" });
});
