// A real mesh with its API in a home of its own, beside doubles of the two services that it talks to.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export const mail = [
  'From: Ada Weiss <ada@example.com>', 'To: support@example.com', 'Subject: Charged twice in March', 'Content-Type: text/plain; charset=utf-8', '',
  'Hello,', 'our card was charged twice for invoice 77 this month, account AC-48213. Please refund the second charge.', 'Ada Weiss', '',
].join('\n');

export const mailBase64 = Buffer.from(mail).toString('base64');

/** Follows a playbook of one step, without tools: done at once. */
export const quick = 'agentmesh/triage';

const triage = `name: triage
description: Tells what a mail is about.
requires: [email]
steps:
  - id: category
    role: classifier
    inputs: [email]
    produces: category
    tools: []
`;

export async function start() {
  const home = await mkdtemp(join(tmpdir(), 'am-protocols-'));
  await mkdir(join(home, 'playbooks'));
  await writeFile(join(home, 'playbooks', 'triage.yaml'), triage);
  const tickets = await listen(ticketService());
  const vectors = await listen(embeddingService);
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) if (name.startsWith('AGENTMESH_')) delete environment[name];
  const mesh = spawn(join(root, 'agentmesh'), ['dev', '--http', 'http://127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...environment, AGENTMESH_HOME: home, AGENTMESH_TICKETS_URL: tickets.url,
      // Any folder: the dashboard is neither built nor looked at here.
      AGENTMESH_DASHBOARD: home,
      AGENTMESH_EMBEDDING_MODEL: 'double', AGENTMESH_EMBEDDING_URL: `${vectors.url}/v1`,
    },
  });
  const ended = once(mesh, 'exit');
  const url = await Promise.race([announced(mesh), ended.then(([code]) => { throw new Error(`The mesh ended with ${code} before it listened.`); })]);
  return {
    url,
    async stop() {
      mesh.kill('SIGTERM');
      await ended;
      tickets.close();
      vectors.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A POST as no client would send it. */
export async function post(url, body, headers = {}) {
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { status: response.status, type: response.headers.get('content-type'), json: await response.json() };
}

async function announced(mesh) {
  for await (const line of createInterface({ input: mesh.stdout })) {
    const told = line.match(/AGENTMESH_SERVER=(\S+)/);
    if (told) {
      mesh.stdout.resume();
      return told[1];
    }
  }
  throw new Error('The mesh did not say where it listens.');
}

async function listen(answer) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const [status, body] = answer(request, chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : undefined);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

function ticketService() {
  const made = new Map();
  return (request, draft) => {
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST') return [200, { count: 0, tickets: [] }];
    if (!made.has(key)) made.set(key, { ...draft, id: `T-${made.size + 1}`, url: `http://tickets.example/T-${made.size + 1}`, status: 'open', createdAt: new Date().toISOString() });
    return [201, made.get(key)];
  };
}

function embeddingService(_, { input }) {
  return [200, {
    object: 'list', model: 'double', usage: { prompt_tokens: input.length, total_tokens: input.length },
    data: input.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 0.5, -1] })),
  }];
}
