// Runs one system's goals and reports them. The process that was started coordinates and measures
// storage; the goals run in worker processes (one unless --processes asks for more) so that its
// queries share no event loop with what is timed.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { percentile, positiveInteger, requireDurable, round, serverSettings } from './measure.mjs';

const leastWarmUp = 50;

const startSeconds = 60;
// How long goals that were already running when --max-seconds ended may take to finish.
const graceSeconds = 60;

// Connections per worker process; README.md has the figures behind it. DBOS does not work with one.
const defaultPool = 20;

const commonOptions = {
  url: { type: 'string' },
  goals: { type: 'string', default: '500' },
  concurrency: { type: 'string', default: '1' },
  pool: { type: 'string' },
  processes: { type: 'string', default: '1' },
  'max-seconds': { type: 'string', default: '60' },
  json: { type: 'boolean', default: false },
};

/** The exact version that package.json pins. */
export function installedVersion(name) {
  const manifest = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
  return manifest.dependencies[name];
}

/**
 * `baseline`: system, version, schema (dropped first, so that every run starts empty), options (its
 * own flags), describe(settings), open(settings) → { run(id, goal), close() }, and
 * countPersisted(client, ids, settings): how many of these goals the database holds complete.
 */
export async function benchmark(baseline) {
  try {
    const settings = parse(baseline);
    await (process.send ? work(baseline, settings) : coordinate(baseline, settings));
  } catch (error) {
    console.error(`${baseline.system}: ${error.message}`);
    process.exit(1);
  }
}

function parse(baseline) {
  const { values } = parseArgs({ options: { ...commonOptions, ...baseline.options } });
  if (!values.url) throw new Error('--url postgres://user@host:port/database is required.');
  const concurrency = positiveInteger(values, 'concurrency');
  const processes = positiveInteger(values, 'processes');
  if (processes > concurrency) throw new Error('--processes must not exceed --concurrency.');
  values.pool ??= String(defaultPool);
  return {
    ...values,
    concurrency,
    processes,
    goals: positiveInteger(values, 'goals'),
    pool: positiveInteger(values, 'pool'),
    maxSeconds: positiveInteger(values, 'max-seconds'),
    worker: Number(process.env.BENCH_WORKER ?? 0),
  };
}

async function coordinate(baseline, settings) {
  const description = baseline.describe(settings);
  const client = new pg.Client({ connectionString: settings.url });
  await client.connect();
  const workers = [];
  try {
    const server = await serverSettings(client);
    requireDurable(server);
    await client.query(`DROP SCHEMA IF EXISTS ${baseline.schema} CASCADE`);
    // One after the other: the first one creates the tables.
    for (let i = 0; i < settings.processes; i++) {
      workers.push(startWorker(i));
      await answer(workers[i], startSeconds);
    }

    const shares = (total) => workers.map((_, i) => Math.floor((total + i) / workers.length));
    const concurrency = shares(settings.concurrency);
    const warmUp = Math.max(leastWarmUp, settings.concurrency);
    await Promise.all(workers.map((w, i) =>
      ask(w, { goals: Math.max(leastWarmUp, shares(warmUp)[i]), concurrency: concurrency[i], maxSeconds: settings.maxSeconds })));

    const before = await storage(client, baseline.schema);
    const started = performance.now();
    const shareResults = await Promise.all(workers.map((w, i) =>
      ask(w, { goals: shares(settings.goals)[i], concurrency: concurrency[i], maxSeconds: settings.maxSeconds })));
    const seconds = (performance.now() - started) / 1000;
    const after = await storage(client, baseline.schema);

    const done = shareResults.flatMap((share) => share.done);
    const cpuMs = shareResults.reduce((sum, share) => sum + share.cpuMs, 0);
    await verify(baseline, settings, client, done.map((goal) => goal.id));
    const latencies = done.map((goal) => goal.ms).sort((a, b) => a - b);
    report(settings, {
      system: baseline.system,
      version: baseline.version,
      ...description,
      concurrency: settings.concurrency,
      processes: settings.processes,
      pool: settings.pool,
      goals: done.length,
      seconds: round(seconds),
      goalsPerSecond: round(done.length / seconds, 1),
      p50Ms: round(percentile(latencies, 0.5)),
      p99Ms: round(percentile(latencies, 0.99)),
      clientCpuMsPerGoal: round(cpuMs / done.length),
      bytesPerGoal: Math.round((after.bytes - before.bytes) / done.length),
      rowsPerGoal: round((after.rows - before.rows) / done.length, 1),
      ...server,
    });
    for (const worker of workers) worker.disconnect();
  } catch (error) {
    for (const worker of workers) worker.kill('SIGKILL');
    throw error;
  } finally {
    await client.end();
  }
}

function startWorker(index) {
  return fork(process.argv[1], process.argv.slice(2), { env: { ...process.env, BENCH_WORKER: String(index) } });
}

async function ask(worker, message) {
  worker.send(message);
  return answer(worker, message.maxSeconds + graceSeconds);
}

async function answer(worker, limitSeconds) {
  const gone = new AbortController();
  const limit = setTimeout(() => gone.abort(), limitSeconds * 1000);
  try {
    const [reply] = await Promise.race([
      once(worker, 'message', { signal: gone.signal }),
      once(worker, 'exit', { signal: gone.signal }).then(([code]) => {
        throw new Error(`a worker process ended with code ${code}.`);
      }),
    ]);
    if (reply.error) throw new Error(reply.error);
    return reply;
  } catch (error) {
    throw error.name === 'AbortError' ? new Error(`a worker process gave no answer within ${limitSeconds} seconds.`) : error;
  } finally {
    clearTimeout(limit);
    gone.abort();
  }
}

async function work(baseline, settings) {
  const opened = await baseline.open(settings);
  process.on('message', async (message) => {
    try {
      const before = process.cpuUsage();
      const done = await runGoals(opened, message);
      const { user, system } = process.cpuUsage(before);
      process.send({ done, cpuMs: (user + system) / 1000 });
    } catch (error) {
      process.send({ error: error.stack });
    }
  });
  process.on('disconnect', async () => {
    setTimeout(() => process.exit(1), graceSeconds * 1000).unref();
    await opened.close();
    process.exit(0);
  });
  process.send({ ready: true });
}

/** A closed loop: `concurrency` callers, each starting its next goal when its last one is durable. */
async function runGoals(opened, { goals, concurrency, maxSeconds }) {
  const done = [];
  const deadline = performance.now() + maxSeconds * 1000;
  let next = 0;
  async function caller() {
    while (next < goals && performance.now() < deadline) {
      const number = next++;
      const id = randomUUID();
      const started = performance.now();
      await opened.run(id, `Brief number ${number}`);
      done.push({ id, ms: performance.now() - started });
    }
  }
  await Promise.all(Array.from({ length: concurrency }, caller));
  return done;
}

/** Heap, indexes and TOAST of every table in the schema as they lie on disk, and their rows. */
async function storage(client, schema) {
  const { rows: tables } = await client.query(
    `SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes
     FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind = 'r'`, [schema]);
  let bytes = 0;
  let rows = 0;
  for (const table of tables) {
    bytes += Number(table.bytes);
    const counted = await client.query(`SELECT count(*) AS n FROM ${schema}.${client.escapeIdentifier(table.name)}`);
    rows += Number(counted.rows[0].n);
  }
  return { bytes, rows };
}

async function verify(baseline, settings, client, ids) {
  if (ids.length === 0) throw new Error(`no goal finished within ${settings.maxSeconds} seconds.`);
  const persisted = await baseline.countPersisted(client, ids, settings);
  if (persisted !== ids.length) {
    throw new Error(`${ids.length} goals finished but only ${persisted} are complete in the database.`);
  }
}

function report(settings, result) {
  if (settings.json) {
    console.log(JSON.stringify(result));
  } else {
    for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(20)} ${value}`);
  }
}
