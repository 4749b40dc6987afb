// The gateway's protocols, each spoken by its official client, with one real process.
import { after, before, describe } from 'node:test';
import { a2a } from './a2a.js';
import { agui } from './agui.js';
import { mcp, mcpCurrent } from './mcp.js';
import { openai } from './openai.js';
import { start } from './world.js';

const world = {};
let mesh;

before(async () => {
  mesh = await start();
  world.url = mesh.url;
}, { timeout: 120_000 });

after(() => mesh?.stop());

describe('OpenAI', () => openai(world));
describe('MCP 2026-07-28', () => mcpCurrent(world));
describe('MCP 2025-11-25', () => mcp(world));
describe('A2A', () => a2a(world));
describe('AG-UI', () => agui(world));
