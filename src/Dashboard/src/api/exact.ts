import type { Json } from "./types";

// A browser's numbers are doubles: 9007199254740993 becomes …992 as it is read. What a person consents to must be what the server would call a tool
// with, so numbers that a double cannot hold are kept as they were written, and written so again.

/** A number that a double cannot hold, as it was written. It counts as its nearest double in arithmetic. */
export class ExactNumber {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }

  valueOf(): number {
    return Number(this.text);
  }

  toJSON(): string {
    return mark + this.text;
  }
}

/** Between parsing and writing such a number is a string that begins so; nobody outside can know how. */
const mark = `exact ${Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16)).join("")} `;
const marked = new RegExp(`"${mark}([^"]+)"`, "g");
const suspicious = /\d[\d.]{15}|\d[eE][+-]?\d{2}/;
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.]*(?:[eE][+-]?\d+)?/g;

/** JSON as a person or a server wrote it, every number exact. */
export function parseExact(text: string): Json {
  if (!suspicious.test(text)) return JSON.parse(text) as Json;
  // As it is, first: what is no JSON shall be complained of in its own words.
  JSON.parse(text);
  const spelt = text.replace(stringOrNumber, (token) => (token.startsWith('"') || isHeld(token) ? token : `"${mark}${token}"`));
  return JSON.parse(spelt, (_, value: unknown) => (typeof value === "string" && value.startsWith(mark) ? new ExactNumber(value.slice(mark.length)) : value)) as Json;
}

/** An answer of the server. Numbers are exact below `arguments`; elsewhere they are what this page calculates with. */
export function parseAnswer<T>(text: string): T {
  const value: unknown = suspicious.test(text) ? rounded(parseExact(text)) : JSON.parse(text);
  return value as T;
}

export const writeExact = (value: unknown, space?: number): string => JSON.stringify(value, null, space)?.replace(marked, "$1");

export const isExactNumber = (value: unknown): value is ExactNumber => value instanceof ExactNumber;

function rounded(value: unknown): unknown {
  if (isExactNumber(value)) return Number(value.text);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, name === "arguments" ? v : rounded(v)]));
}

const isHeld = (token: string): boolean => digitsOf(token) === digitsOf(String(Number(token)));

/** The same for each way to write one number: its digits, and where the point stands before them. */
function digitsOf(token: string): string {
  const [, sign, whole = "", fraction = "", exponent = "0"] = /^(-?)(\d+)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return /\d/.test(token) ? "0" : token;
  const leading = whole.length + fraction.length - digits.length;
  return `${sign}${digits.replace(/0+$/, "")}e${whole.length - leading + Number(exponent)}`;
}
