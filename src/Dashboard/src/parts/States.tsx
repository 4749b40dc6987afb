import type { ReactNode } from "react";
import { ApiError } from "../api/client";
import { Button } from "./Button";
import { Icon } from "./Icon";

/** There is nothing, and this is what can be done about it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <p className="text-base font-semibold">{title}</p>
      {children && <div className="max-w-prose text-dim">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** Something did not work: the server's own words, what to do, and a way to try again. */
export function Failure({ error, retry, what }: { error: unknown; retry?: () => void; what: string }) {
  const problem = error instanceof ApiError ? error : undefined;
  return (
    <div role="alert" className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <span className="text-red">
        <Icon name="warning" size={24} />
      </span>
      <p className="text-base font-semibold">{what}</p>
      <p className="max-w-prose text-dim">{advice(error)}</p>
      {problem && <code className="font-mono text-xs text-dim">{problem.code}</code>}
      {retry && (
        <Button className="mt-2" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function advice(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? `${error.message} Loading the page again may help.` : "Loading the page again may help.";
  if (error.status === 403) return `${error.message} Ask an admin for a key with the role that this needs.`;
  return error.message;
}

/** Keeps the place of what is being loaded, so that nothing jumps when it comes. */
export function Skeleton({ rows = 6 }: { rows?: number }) {
  return (
    <div aria-busy="true" className="flex flex-col gap-3 p-4">
      <span className="sr-only">Loading…</span>
      {Array.from({ length: rows }, (_, n) => (
        <div key={n} className="h-5 animate-pulse rounded bg-sunken motion-reduce:animate-none" style={{ width: `${92 - ((n * 17) % 45)}%` }} />
      ))}
    </div>
  );
}

/** A line below a form or a button that says what went wrong. */
export function Complaint({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <p role="alert" className="flex items-start gap-1.5 text-red">
      <Icon name="warning" />
      <span>{advice(error)}</span>
    </p>
  );
}
