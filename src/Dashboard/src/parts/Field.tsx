import type { ReactNode } from "react";

export function Field({ label, note, children }: { label: string; note?: ReactNode; children: ReactNode }) {
  return (
    <label className="flex min-w-0 flex-col gap-1">
      <span className="font-medium">{label}</span>
      {children}
      {note && <span className="text-xs text-dim">{note}</span>}
    </label>
  );
}
