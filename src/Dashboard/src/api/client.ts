import { isExactNumber, parseAnswer, writeExact } from "./exact";
import { session } from "./session";
import type { Json, Problem } from "./types";

/** A request that was not served, as the server explains it (RFC 9457), or because the server cannot be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  /** The server does not have this part of the API. */
  get isMissing(): boolean {
    return this.status === 404 && (this.code === "route-not-found" || this.code === "unknown");
  }
}

export type Query = Record<string, string | number | undefined>;

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> => call<T>(`${path}${search(query)}`, { signal });

export const post = <T = void>(path: string, body: unknown, headers?: Record<string, string>): Promise<T> =>
  call<T>(path, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: writeExact(body) });

export const postForm = <T>(path: string, body: FormData, headers?: Record<string, string>): Promise<T> => call<T>(path, { method: "POST", body, headers });

export const remove = (path: string): Promise<void> => call<void>(path, { method: "DELETE" });

/** The request as it is, for streams and downloads; throws unless it is served. */
export async function open(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (session.key) headers.set("Authorization", `Bearer ${session.key}`);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (e) {
    if (e instanceof DOMException && e.name === "AbortError") throw e;
    throw new ApiError(0, "unreachable", "The server cannot be reached. Check that it runs and that this machine is connected; this page goes on by itself when it is back.");
  }
  if (response.ok) return response;
  if (response.status === 401) session.refuse();
  throw await problemOf(response);
}

/** A key for an idempotent POST: a repeat of the same submit makes no second goal. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
  const response = await open(path, init);
  if (response.status === 204 || response.headers.get("Content-Length") === "0") return undefined as T;
  const text = await response.text();
  return text === "" ? (undefined as T) : parseAnswer<T>(text);
}

async function problemOf(response: Response): Promise<ApiError> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    return new ApiError(response.status, problem.code ?? "unknown", problem.detail ?? problem.title ?? `The server answered ${response.status}.`);
  } catch {
    return new ApiError(response.status, "unknown", `The server answered ${response.status} ${response.statusText} without saying why. Its log may.`);
  }
}

function search(query: Query | undefined): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined && value !== "") params.set(name, String(value));
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

export const segment = (text: string): string => encodeURIComponent(text);

export const isObject = (value: Json | undefined): value is { readonly [name: string]: Json } => typeof value === "object" && value !== null && !Array.isArray(value) && !isExactNumber(value);
