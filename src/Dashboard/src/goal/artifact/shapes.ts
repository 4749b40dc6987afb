import { isObject } from "../../api/client";
import { writeExact } from "../../api/exact";
import type { Json } from "../../api/types";

/** What a value looks like, told by its parts and not by its kind alone: kinds are the user's to define. */
export type Shape =
  | { readonly is: "email"; readonly email: Email }
  | { readonly is: "table"; readonly table: TableData }
  | { readonly is: "passages"; readonly query: string; readonly passages: readonly Passage[] }
  | { readonly is: "text"; readonly title?: string; readonly text: string; readonly rest: Json | undefined }
  | { readonly is: "json"; readonly value: Json };

export interface Email {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly date?: string;
  readonly text: string;
  readonly quoted?: string;
  readonly attachments: readonly string[];
}

export interface TableData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Passage {
  readonly document: string;
  readonly title: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly score?: number;
}

const string = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);
const strings = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? value.filter((v) => typeof v === "string") : []);

export function shapeOf(value: Json): Shape {
  if (typeof value === "string") return { is: "text", text: value, rest: undefined };
  if (isRows(value)) return { is: "table", table: tableOf(value) };
  if (!isObject(value)) return { is: "json", value };
  return emailOf(value) ?? passagesOf(value) ?? gridOf(value) ?? textOf(value) ?? { is: "json", value };
}

type Parts = { readonly [name: string]: Json };

function emailOf(value: Parts): Shape | undefined {
  const { from, subject, text } = value;
  if (!isObject(from) || typeof from.address !== "string" || typeof subject !== "string" || typeof text !== "string") return undefined;
  const name = string(from.name);
  return {
    is: "email",
    email: {
      from: name ? `${name} <${from.address}>` : from.address,
      to: strings(value.to),
      subject,
      date: string(value.date),
      text,
      quoted: string(value.quoted),
      attachments: Array.isArray(value.attachments) ? value.attachments.flatMap((a) => (isObject(a) && typeof a.name === "string" ? [a.name] : [])) : [],
    },
  };
}

function passagesOf(value: Parts): Shape | undefined {
  if (!Array.isArray(value.passages)) return undefined;
  const passages = value.passages.flatMap((p: Json): Passage[] =>
    isObject(p) && typeof p.text === "string" && typeof p.document === "string"
      ? [{ document: p.document, title: string(p.title) ?? p.document, text: p.text, start: Number(p.start ?? 0), end: Number(p.end ?? 0), score: typeof p.score === "number" ? p.score : undefined }]
      : [],
  );
  return { is: "passages", query: string(value.query) ?? "", passages };
}

function gridOf(value: Parts): Shape | undefined {
  if (!Array.isArray(value.columns) || !Array.isArray(value.rows) || !value.rows.every((r) => Array.isArray(r))) return undefined;
  return { is: "table", table: { columns: value.columns.map(cell), rows: (value.rows as readonly (readonly Json[])[]).map((r) => r.map(cell)) } };
}

function textOf(value: Parts): Shape | undefined {
  const body = ["text", "markdown", "body"].find((name) => typeof value[name] === "string" && (value[name] as string).length > 60);
  if (!body) return undefined;
  const title = ["subject", "title", "name"].find((name) => typeof value[name] === "string");
  const rest = Object.fromEntries(Object.entries(value).filter(([name]) => name !== body && name !== title));
  return { is: "text", title: title && (value[title] as string), text: value[body] as string, rest: Object.keys(rest).length > 0 ? rest : undefined };
}

const isRows = (value: Json): value is readonly Parts[] =>
  Array.isArray(value) && value.length > 0 && value.every((row) => isObject(row) && Object.values(row).every((v) => v === null || typeof v !== "object"));

function tableOf(rows: readonly Parts[]): TableData {
  const columns = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  return { columns, rows: rows.map((r) => columns.map((c) => cell(r[c] ?? null))) };
}

const cell = (value: Json): string => (value === null ? "" : typeof value === "string" ? value : writeExact(value));
