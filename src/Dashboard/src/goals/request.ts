import type { ApprovalMode } from "../api/types";

/** The submit dialog's fields, as they are typed. */
export interface Draft {
  readonly text: string;
  readonly files: readonly File[];
  readonly approvals: ApprovalMode;
  readonly playbook: string;
  readonly knowledge: readonly string[];
  readonly tokens: string;
  readonly minutes: string;
}

/** The `request` part of a submit: what was left empty is left out. */
export function requestOf(draft: Omit<Draft, "files">) {
  const minutes = Number(draft.minutes);
  return {
    text: draft.text.trim(),
    ...(draft.playbook !== "" && { playbook: draft.playbook }),
    ...(draft.knowledge.length > 0 && { knowledge: draft.knowledge }),
    constraints: {
      approvals: draft.approvals,
      ...(draft.tokens !== "" && { budget: { tokens: Number(draft.tokens) } }),
      ...(draft.minutes !== "" && { timeout: span(minutes) }),
    },
  };
}

/** Minutes as .NET writes a time span. */
function span(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const days = Math.floor(minutes / 1440);
  return `${days > 0 ? `${days}.` : ""}${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}:00`;
}
