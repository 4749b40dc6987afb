import { expect, test } from "vitest";
import { ApiError } from "./client";
import type { JournalEntry } from "./events";
import { follow, type Follower } from "./follow";
import { EventParser } from "./serverEvents";

const entry = (sequence: number, type = "timer.fired"): JournalEntry => ({ sequence, at: "2030-01-01T00:00:00+00:00", event: { type, timer: "t" } }) as unknown as JournalEntry;
const wire = (...entries: JournalEntry[]) => entries.map((e) => `id: ${e.sequence}\ndata: ${JSON.stringify(e)}\n\n`).join("");

test("events come whole, however the stream is cut", () => {
  const text = `:\n\n${wire(entry(1), entry(2))}data: a\r\ndata: b\r\n\r\n`;
  for (let cut = 0; cut <= text.length; cut++) {
    const parser = new EventParser();
    const events = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))];
    expect(events.map((e) => e.id)).toEqual(["1", "2", "2"]);
    expect(events[2]?.data).toBe("a\nb");
  }
});

function collector() {
  const taken: number[] = [];
  const states: string[] = [];
  const follower: Follower = {
    last: () => taken.length,
    take: (entries) => {
      for (const { sequence } of entries) {
        if (sequence <= taken.length) continue;
        if (sequence !== taken.length + 1) return false;
        taken.push(sequence);
      }
      return true;
    },
    became: (state) => states.push(state),
  };
  return { taken, states, follower };
}

test("a stream that breaks goes on behind the last entry, without gap or repeat, to the goal's end", async () => {
  const { taken, states, follower } = collector();
  const asked: (string | null)[] = [];
  const answers = [
    () => new Response(wire(entry(1), entry(2)) + "id: 3\ndata: {"),
    () => Promise.reject(new ApiError(503, "overloaded", "later")),
    () => new Response(wire(entry(2), entry(3), entry(5))),
    () => new Response(wire(entry(4), entry(5, "goal.ended"))),
  ];
  const waits: number[] = [];
  await follow("g", follower, new AbortController().signal, {
    wait: async (ms) => void waits.push(ms),
    request: async (_, init) => {
      asked.push(new Headers(init?.headers).get("Last-Event-ID"));
      return answers[asked.length - 1]!();
    },
  });
  expect(taken).toEqual([1, 2, 3, 4, 5]);
  expect(asked).toEqual([null, "2", "2", "3"]);
  expect(states.at(-1)).toBe("over");
  expect(waits).toEqual([500, 1000, 500]);
});

test("a goal that is over and known needs no stream, and an unknown one is not asked for again", async () => {
  const over = collector();
  await follow("g", over.follower, new AbortController().signal, { request: async () => new Response(null, { status: 204 }) });
  expect(over.states).toEqual(["over"]);

  const missing = collector();
  await follow("g", missing.follower, new AbortController().signal, { request: async () => Promise.reject(new ApiError(404, "goal-not-found", "no")) });
  expect(missing.states).toEqual(["refused"]);
});

test("a stream that is silent for longer than its server ever is has broken off", async () => {
  const { taken, states, follower } = collector();
  const dead = new ReadableStream<Uint8Array>({ start: (body) => body.enqueue(new TextEncoder().encode(wire(entry(1)))) });
  const answers = [new Response(dead), new Response(wire(entry(2, "goal.ended")))];
  const signals: AbortSignal[] = [];
  await follow("g", follower, new AbortController().signal, {
    silence: 20,
    wait: async () => undefined,
    request: async (_, init) => {
      signals.push(init!.signal!);
      return answers[signals.length - 1]!;
    },
  });
  expect(taken).toEqual([1, 2]);
  expect(states).toEqual(["live", "broken", "live", "over"]);
  expect(signals.map((s) => s.aborted)).toEqual([true, true]);
});
