import type { WireRationale } from "../api/types";

export interface Rationale {
  readonly reason: string;
  readonly alternatives: readonly string[];
  readonly evidence: readonly string[];
}

export function rationale(wire: WireRationale): Rationale {
  return typeof wire === "string" ? because(wire) : { reason: wire.reason, alternatives: wire.alternatives ?? [], evidence: wire.evidence ?? [] };
}

export function because(reason: string, ...evidence: string[]): Rationale {
  return { reason, alternatives: [], evidence };
}
