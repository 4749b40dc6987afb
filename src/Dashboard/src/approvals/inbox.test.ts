import { expect, test } from "vitest";
import { after, hold, move } from "./inbox";
import { type ApprovalListing, type Asked, type AskingGoal, wholeListing } from "./useApprovals";

const asked = (key: string) => ({ key, goal: { text: key } }) as unknown as Asked;
const list = (...keys: string[]) => keys.map(asked);
const where = (held: ReturnType<typeof hold>) => held && `${held.asked.key}${held.isGone ? " gone" : ""}`;

test("what is read stays, whatever comes before it and whoever decides it", () => {
  const first = hold(undefined, list("b", "c"));
  expect(where(first)).toBe("b");
  const pushed = hold(first, list("a", "b", "c"));
  expect(where(pushed)).toBe("b");
  const gone = hold(pushed, list("a", "c"));
  expect(where(gone)).toBe("b gone");
  expect(hold(gone, list("a", "c"))).toBe(gone);
  expect(where(hold(gone, list("a", "b")))).toBe("b");
  expect(where(hold(gone, []))).toBe("b gone");
  expect(hold(undefined, [])).toBeUndefined();
});

test("a list that is the same makes nothing new", () => {
  const now = list("a", "b");
  const held = hold(undefined, now);
  expect(hold(held, now)).toBe(held);
});

test("the next of what is gone is what took its place", () => {
  const gone = hold(move(hold(undefined, list("a", "b", "c")), list("a", "b", "c"), 1), list("a", "c"));
  expect(where(gone)).toBe("b gone");
  expect(where(move(gone, list("a", "c"), 1))).toBe("c");
  expect(where(move(gone, list("a", "c"), -1))).toBe("a");
  expect(move(gone, [], 1)).toBeUndefined();
});

test("who decided goes on to the next, or back where it was the last", () => {
  const three = list("a", "b", "c");
  const second = move(hold(undefined, three), three, 1)!;
  expect(where(after(second, three))).toBe("c");
  expect(where(after(second, list("a", "c")))).toBe("c");
  expect(where(after(move(second, three, 1)!, three))).toBe("b");
  expect(after(hold(undefined, list("a"))!, list("a"))).toBeUndefined();
});

test("every page is read, for who waits longest is on the last; more than the bound is said", async () => {
  const goal = (n: number) => ({ goal: `g${n}` }) as AskingGoal;
  const pages: ApprovalListing[] = [
    { goals: [goal(4), goal(3)], next: "3" },
    // A goal that came meanwhile pushed one of the page before onto this one.
    { goals: [goal(3), goal(2)], next: "2" },
    { goals: [goal(1)] },
  ];
  const page = async (before?: string) => pages[before === undefined ? 0 : 4 - Number(before)]!;
  const all = await wholeListing(page);
  expect(all.goals.map((g) => g.goal)).toEqual(["g4", "g3", "g2", "g1"]);
  expect(all.next).toBeUndefined();
  expect((await wholeListing(page, 2)).next).toBe("2");
});
