import { expect, test } from "vitest";
import { byDay, byTenant, type UsageReport } from "./report";

const report: UsageReport = {
  from: "2030-01-30",
  to: "2030-02-01",
  total: [],
  days: [
    { day: "2030-01-30", tenant: "a", goals: 2, completed: 1, failed: 1, cancelled: 0, spent: [{ usage: { toolCalls: 3 } }, { model: "m", usage: { inputTokens: 5, outputTokens: 1, modelCalls: 1 } }] },
    { day: "2030-02-01", tenant: "a", goals: 1, completed: 1, failed: 0, cancelled: 0, spent: [] },
    { day: "2030-02-01", tenant: "b", goals: 1, completed: 0, failed: 0, cancelled: 1, spent: [{ model: "m", usage: { inputTokens: 50 } }] },
  ],
};

test("tenants are added up over the days, the largest first", () => {
  expect(byTenant(report.days)).toMatchObject([
    { tenant: "b", goals: 1, cancelled: 1, usage: { inputTokens: 50 } },
    { tenant: "a", goals: 3, completed: 2, failed: 1, usage: { toolCalls: 3, inputTokens: 5 } },
  ]);
});

test("a day without goals is there all the same", () => {
  expect(byDay(report)).toEqual([
    { day: "2030-01-30", goals: 2, tokens: 6 },
    { day: "2030-01-31", goals: 0, tokens: 0 },
    { day: "2030-02-01", goals: 2, tokens: 50 },
  ]);
});
