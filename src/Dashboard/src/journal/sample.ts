import type { GoalEvent, JournalEntry } from "../api/events";
import type { PlanStep } from "../api/types";

/** A made-up journal of exactly this many entries, for tests of size: four lanes of steps, each with model and tool calls. */
export function bigJournal(length: number, goal = "big"): JournalEntry[] {
  const perStep = 8;
  const count = Math.max(1, Math.floor((length - 3) / perStep));
  const steps: PlanStep[] = Array.from({ length: count }, (_, n) => ({
    id: `s${n + 1}`,
    role: ["reader", "finder", "writer", "checker"][n % 4]!,
    instruction: `Work on part ${n + 1} of the material and say what is in it.`,
    inputs: n < 4 ? ["in-1"] : [`s${n - 3}`],
    produces: "note",
    depth: 1,
  }));
  const events: GoalEvent[] = [
    {
      type: "goal.submitted",
      goal,
      spec: {
        text: `A goal with ${length} events`,
        tenant: "default",
        submittedBy: "tests",
        inputs: [{ id: "in-1", kind: "note", value: { label: "a" }, trust: "User", origin: {} }],
        wants: [],
        knowledge: [],
        constraints: { budget: { tokens: 5_000_000 }, approvals: "Ask", maxSteps: count + 48, maxReplans: 3, maxDepth: 3 },
      },
    },
    { type: "plan.accepted", plan: { version: 1, steps, deliver: [`s${count}`], proposer: "typed", why: "It is made up." } },
  ];
  for (const step of steps) events.push(...stepEvents(goal, step));
  while (events.length < length - 1) events.push({ type: "timer.fired", timer: "idle" });
  events.push({ type: "goal.ended", status: "Completed", reason: "All steps are done.", result: [`s${count}`] });
  const start = Date.UTC(2030, 0, 1);
  return events.map((event, n) => ({ sequence: n + 1, at: new Date(start + n * 40).toISOString(), event }));
}

function stepEvents(goal: string, { id, role }: PlanStep): GoalEvent[] {
  const call = (n: number) => ({ step: id, attempt: 1, call: `${id}/${n}` });
  const model = (n: number): GoalEvent => ({
    type: "model.called",
    ...call(n),
    model: "small-8b",
    requestHash: `${n}`,
    response: "done",
    usage: { modelCalls: 1, inputTokens: 400 + n, outputTokens: 60, seconds: 0.03 },
  });
  const tool = (n: number): GoalEvent => ({ type: "tool.returned", ...call(n), tool: "files.read", arguments: { path: `part-${n}.md` }, result: "text", trust: "Untrusted", seconds: 0.01 });
  return [
    { type: "step.started", step: id, attempt: 1, agent: `${goal}/${role}/1` },
    model(1),
    tool(2),
    model(3),
    { type: "tool.claimed", ...call(4), tool: "notes.put", effect: "Idempotent", arguments: { note: id }, key: `${goal}/${id}/4` },
    { type: "tool.returned", ...call(4), tool: "notes.put", arguments: { note: id }, result: { ok: true }, trust: "Trusted", seconds: 0.04 },
    model(5),
    {
      type: "step.completed",
      step: id,
      attempt: 1,
      artifact: { id, kind: "note", value: { label: id }, trust: "User", origin: { step: id, tier: "small-8b" } },
      confidence: 0.9,
      tier: "small-8b",
      why: { reason: "The parts agree.", alternatives: ["Another reading was less likely."], evidence: ["in-1", `${id}/2`] },
    },
  ];
}
