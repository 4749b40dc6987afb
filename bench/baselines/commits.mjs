// What the server and the disk can do at best: single-row INSERTs, each its own commit, and fsync.
//   client  one connection sends the next INSERT when the last one is acknowledged (one Node process)
//   server  a procedure inserts and commits in a loop, so no client takes part
import { closeSync, fdatasyncSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { percentile, positiveInteger, requireDurable, round, serverSettings } from './measure.mjs';

const schema = 'bench_commits';
const payload = 'x'.repeat(200);

try {
  await main();
} catch (error) {
  console.error(`commits: ${error.message}`);
  process.exitCode = 1;
}

async function main() {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      connections: { type: 'string', default: '1,64' },
      seconds: { type: 'string', default: '4' },
      'fsync-dir': { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (!values.url) throw new Error('--url postgres://user@host:port/database is required.');
  const seconds = positiveInteger(values, 'seconds');
  const client = new pg.Client({ connectionString: values.url });
  await client.connect();
  try {
    const server = await serverSettings(client);
    requireDurable(server);
    await prepare(client);
    const disk = await measureSync(client, values['fsync-dir']);
    const runs = [];
    for (const text of values.connections.split(',')) {
      const connections = positiveInteger({ connections: text }, 'connections');
      runs.push(await measureConnections(values.url, client, connections, seconds));
    }
    const result = { system: 'postgresql', ...server, ...disk, runs };
    console.log(values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
  } finally {
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await client.end();
  }
}

async function prepare(client) {
  await client.query(`
    DROP SCHEMA IF EXISTS ${schema} CASCADE;
    CREATE SCHEMA ${schema};
    CREATE TABLE ${schema}.rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload text NOT NULL);
    CREATE PROCEDURE ${schema}.fill(body text, seconds int) LANGUAGE plpgsql AS $$
    DECLARE stop_at timestamptz := clock_timestamp() + make_interval(secs => seconds);
    BEGIN
      WHILE clock_timestamp() < stop_at LOOP
        INSERT INTO ${schema}.rows (payload) VALUES (body);
        COMMIT;
      END LOOP;
    END $$`);
}

async function measureConnections(url, observer, count, seconds) {
  const clients = Array.from({ length: count }, () => new pg.Client({ connectionString: url }));
  await Promise.all(clients.map((client) => client.connect()));
  try {
    await insertFor(clients, 0.5);
    const latencies = [];
    const fromClient = await timeRows(observer, () => insertFor(clients, seconds, latencies));
    latencies.sort((a, b) => a - b);
    const onServer = await timeRows(observer, () =>
      Promise.all(clients.map((client) => client.query(`CALL ${schema}.fill('${payload}', ${seconds})`))));
    return {
      connections: count,
      clientCommitsPerSecond: fromClient,
      p50Ms: round(percentile(latencies, 0.5), 3),
      p99Ms: round(percentile(latencies, 0.99), 3),
      serverCommitsPerSecond: onServer,
    };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function insertFor(clients, seconds, latencies = []) {
  const insert = { name: 'insert', text: `INSERT INTO ${schema}.rows (payload) VALUES ($1)`, values: [payload] };
  const deadline = performance.now() + seconds * 1000;
  await Promise.all(clients.map(async (client) => {
    while (performance.now() < deadline) {
      const started = performance.now();
      await client.query(insert);
      latencies.push(performance.now() - started);
    }
  }));
}

/** Rows the table gained per second: counted in the database, not by the one who inserts. */
async function timeRows(observer, action) {
  const count = async () => Number((await observer.query(`SELECT count(*) AS n FROM ${schema}.rows`)).rows[0].n);
  const before = await count();
  const started = performance.now();
  await action();
  const seconds = (performance.now() - started) / 1000;
  return Math.round((await count() - before) / seconds);
}

/** Medians of overwriting one 8 kB block and syncing it, on the file system that holds the data. */
async function measureSync(client, chosen) {
  let folder;
  try {
    const parent = chosen ?? dirname((await client.query('SHOW data_directory')).rows[0].data_directory);
    folder = mkdtempSync(join(parent, 'fsync-'));
    const file = openSync(join(folder, 'block'), 'w');
    try {
      writeSync(file, Buffer.alloc(16 * 1024 * 1024));
      fsyncSync(file);
      return { fsyncMs: medianSync(file, fsyncSync), fdatasyncMs: medianSync(file, fdatasyncSync) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { fsyncMs: null, fdatasyncMs: null, fsyncNote: `not measured (${error.message}); give --fsync-dir` };
  } finally {
    if (folder) rmSync(folder, { recursive: true });
  }
}

function medianSync(file, sync) {
  const block = Buffer.alloc(8192, 1);
  const times = Array.from({ length: 500 }, () => {
    const started = performance.now();
    writeSync(file, block, 0, block.length, 0);
    sync(file);
    return performance.now() - started;
  });
  return round(percentile(times.sort((a, b) => a - b), 0.5), 3);
}
