import type { ReactNode } from "react";
import type { Rationale } from "../journal/rationale";

/** A decision's reason, what else was considered, and what it rests on. */
export function Reason({ why, evidence }: { why: Rationale; evidence?: (id: string) => ReactNode }) {
  return (
    <div className="flex flex-col gap-1.5">
      <p className="max-w-prose break-words whitespace-pre-line">{why.reason}</p>
      {why.alternatives.length > 0 && (
        <div className="text-dim">
          <p className="text-xs">Not taken:</p>
          <ul className="list-disc pl-5">
            {why.alternatives.map((other, n) => (
              <li key={n}>{other}</li>
            ))}
          </ul>
        </div>
      )}
      {why.evidence.length > 0 && (
        <p className="flex flex-wrap items-center gap-1.5 text-xs text-dim">
          Rests on
          {why.evidence.map((id) => (
            <span key={id} className="rounded bg-grey-soft px-1.5 py-0.5 font-mono">
              {evidence?.(id) ?? id}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}
