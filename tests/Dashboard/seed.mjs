// Fills a running mesh's own store with more than anybody submits by hand: goals for the list, and one goal with a long journal.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { root } from "./mesh.mjs";

const perRow = 100;

/** A client of the embedded server, over its socket. */
export async function connect(home) {
  const lines = readFileSync(join(home, "postgres/postmaster.pid"), "utf8").split("\n");
  const client = new pg.Client({ host: lines[4].trim(), port: Number(lines[3]), database: "agentmesh", user: "agentmesh" });
  await client.connect();
  return client;
}

/** Lines of the list, of goals that ended, a minute apart; their journals are not there. */
export const seedList = (client, count) =>
  client.query(
    `INSERT INTO goals (goal, tenant, text, status, ended, submitted_at, updated_at, deadline, last_sequence)
     SELECT 'seed-' || lpad(n::text, 8, '0'), CASE WHEN n % 10 = 0 THEN 'other' ELSE 'default' END,
            'Goal ' || n || ': ' || (ARRAY['answer this customer', 'sum up the quarter', 'look through the files', 'open a ticket'])[1 + n % 4],
            CASE WHEN n % 7 = 0 THEN 4 ELSE 3 END, CASE WHEN n % 7 = 0 THEN 4 ELSE 3 END,
            now() - n * interval '1 minute', now() - n * interval '1 minute' + interval '20 seconds', NULL, 12
     FROM generate_series(1, $1::int) n`,
    [count],
  );

/** One goal that ended, with a journal of this many events. */
export async function seedJournal(client, goal, length) {
  const entries = (await sample())(length, goal);
  const at = (entry) => Math.round(Date.parse(entry.at));
  for (let start = 0; start < entries.length; start += perRow) {
    const row = entries.slice(start, start + perRow);
    const stored = JSON.stringify(row.flatMap((entry, n) => [n === 0 ? at(entry) : at(entry) - at(row[n - 1]), entry.event]));
    await client.query("INSERT INTO journal (goal, first, last, writer, entries) VALUES ($1, $2, $3, 'seed', $4)", [goal, row[0].sequence, row.at(-1).sequence, Buffer.from(stored)]);
  }
  await client.query(
    "INSERT INTO goals (goal, tenant, text, status, ended, submitted_at, updated_at, deadline, last_sequence) VALUES ($1, 'default', $2, 3, 3, $3, $4, NULL, $5)",
    [goal, `A goal with ${length} events`, entries[0].at, entries.at(-1).at, length],
  );
}

/** The dashboard's own made-up journal, which is written in TypeScript. */
async function sample() {
  const { transformSync } = await import(pathToFileURL(join(root, "src/Dashboard/node_modules/esbuild/lib/main.js")));
  const { code } = transformSync(readFileSync(join(root, "src/Dashboard/src/journal/sample.ts"), "utf8"), { loader: "ts", format: "esm" });
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).bigJournal;
}
