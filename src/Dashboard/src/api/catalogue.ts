import type { Json } from "./types";

/** Roles, tools, playbooks and knowledge as `/v1` lists them. */

export interface Capability {
  readonly name: string;
  readonly consumes: readonly string[];
  readonly uses: readonly string[];
  readonly produces: string;
  readonly instruction: string;
  readonly tools: readonly string[];
}

export interface RoleDescriptor {
  readonly name: string;
  readonly purpose: string;
  readonly prompt: string;
  readonly model: "None" | "Small" | "Large";
  readonly tools: readonly string[];
  readonly capabilities: readonly Capability[];
  readonly minConfidence: number;
  readonly maxIterations: number;
  readonly timeout: string;
}

export interface ToolDescriptor {
  readonly name: string;
  readonly description: string;
  readonly parameters: Json;
  readonly result?: Json;
  readonly effect: "Pure" | "Idempotent" | "Once";
  readonly approval: "Never" | "WhenUntrusted" | "Always";
  readonly timeout: string;
  readonly returns: "Untrusted" | "User" | "Trusted";
}

export interface PlaybookStep {
  readonly id: string;
  readonly role: string;
  readonly instruction?: string;
  readonly inputs: readonly string[];
  readonly produces: string;
  readonly when?: string;
  readonly optional?: boolean;
}

export interface Playbook {
  readonly name: string;
  readonly description: string;
  readonly triggers: readonly string[];
  readonly requires: readonly string[];
  readonly steps: readonly PlaybookStep[];
  readonly deliver: readonly string[];
}

export interface KnowledgeEntry {
  readonly collection: string;
  readonly name: string;
  readonly title: string;
  readonly characters: number;
  readonly passages: number;
  readonly addedAt: string;
}

export interface Passage {
  readonly collection: string;
  readonly document: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly score: number;
}
