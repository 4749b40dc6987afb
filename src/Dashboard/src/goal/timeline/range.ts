import { duration } from "../../parts/format";

/** A stretch of time in milliseconds since the epoch. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const least = 0.05;

export function clamp(range: Range, whole: Range): Range {
  const width = Math.min(Math.max(range.end - range.start, least), whole.end - whole.start);
  const start = Math.min(Math.max(range.start, whole.start), whole.end - width);
  return { start, end: start + width };
}

export function around(middle: number, width: number, whole: Range): Range {
  return clamp({ start: middle - width / 2, end: middle + width / 2 }, whole);
}

/** Round distances from the beginning, about as many as there is room for. */
export function ticksOf({ start, end }: Range, room: number): { at: number; text: string }[] {
  const width = end - start;
  const rough = width / room;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  const ticks = [];
  for (let passed = 0; passed < width * 0.97; passed += step) ticks.push({ at: start + passed, text: passed === 0 ? "0" : duration(passed) });
  return ticks;
}
