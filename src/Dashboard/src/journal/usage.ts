import type { WireUsage } from "../api/types";

export type Usage = Required<WireUsage>;

export const noUsage: Usage = { modelCalls: 0, inputTokens: 0, outputTokens: 0, toolCalls: 0, cost: 0, seconds: 0 };

export function addUsage(a: Usage, b: WireUsage | undefined): Usage {
  if (!b) return a;
  return {
    modelCalls: a.modelCalls + (b.modelCalls ?? 0),
    inputTokens: a.inputTokens + (b.inputTokens ?? 0),
    outputTokens: a.outputTokens + (b.outputTokens ?? 0),
    toolCalls: a.toolCalls + (b.toolCalls ?? 0),
    cost: a.cost + (b.cost ?? 0),
    seconds: a.seconds + (b.seconds ?? 0),
  };
}
