// A mesh of its own for the tests: a ticket service and `agentmesh dev`, each on a free port, in a folder that goes when the tests end.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const patience = 120_000;

export class Mesh {
  #children = [];
  home = mkdtempSync(join(tmpdir(), "agentmesh-dashboard-"));
  url = "";

  static async start(settings = {}) {
    const mesh = new Mesh();
    try {
      await mesh.#begin(settings);
      return mesh;
    } catch (e) {
      await mesh.stop();
      throw e;
    }
  }

  async #begin(settings) {
    const tickets = join(this.home, "tickets.url");
    this.#run("tickets", [
      join(root, "samples/TicketService/bin/Release/net10.0/AgentMesh.TicketService.dll"),
      "--urls", "http://127.0.0.1:0", "--log", join(this.home, "tickets.jsonl"), "--port-file", tickets,
    ]);
    const ticketsUrl = await this.#runs(() => existsSync(tickets) && readFileSync(tickets, "utf8").trim(), "the ticket service");
    const log = this.#run("dev", [join(root, "src/Cli/bin/Release/net10.0/AgentMesh.Cli.dll"), "dev", "--http", "http://127.0.0.1:0"], {
      AGENTMESH_HOME: this.home,
      AGENTMESH_TICKETS_URL: ticketsUrl,
      AGENTMESH_DASHBOARD: join(root, "src/Dashboard/dist"),
      ...settings,
    });
    this.url = await this.#runs(() => /listens on (http:\/\/\S+?)\.\s/.exec(readFileSync(log, "utf8"))?.[1], "the mesh");
  }

  // What a program that has begun brings about, unless it ends.
  #runs(probe, what) {
    const { child, log } = this.#children.at(-1);
    return until(() => {
      const found = probe();
      if (!found && child.exitCode !== null) throw new Error(`${what} ended with ${child.exitCode}: ${readFileSync(log, "utf8")}`);
      return found;
    }, what, () => readFileSync(log, "utf8"));
  }

  #run(name, args, env = {}) {
    const log = join(this.home, `${name}.log`);
    const out = openSync(log, "w");
    // Settings of whoever runs the tests are none of the mesh's.
    const own = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith("AGENTMESH_")));
    const child = spawn("dotnet", args, { stdio: ["ignore", out, out], env: { ...own, ...env } });
    this.#children.push({ child, log });
    return log;
  }

  async api(path, init = {}) {
    const response = await fetch(this.url + path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    const text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
  }

  post(path, body) {
    return this.api(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }

  async stop() {
    for (const { child } of this.#children.toReversed()) {
      if (child.exitCode !== null) continue;
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGINT");
      const hard = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await ended;
      clearTimeout(hard);
    }
    rmSync(this.home, { recursive: true, force: true });
  }
}

export async function until(probe, what, more = () => "") {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    const found = await probe();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${what} is not there after ${patience / 1000} s. ${more()}`);
}
