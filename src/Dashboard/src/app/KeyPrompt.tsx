import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, get } from "../api/client";
import { session } from "../api/session";
import { Button } from "../parts/Button";
import { Complaint } from "../parts/States";

/** Asks for an API key once; the tab keeps it until it closes, and sends it along with each request. */
export function KeyPrompt() {
  const queries = useQueryClient();
  const [key, setKey] = useState("");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  async function enter(e: FormEvent) {
    e.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await probe(key.trim());
      session.use(key.trim());
      queries.clear();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <title>Sign in · AgentMesh</title>
      <form onSubmit={enter} className="panel flex w-full max-w-md flex-col gap-4 p-6 shadow-sm">
        <div className="flex items-center gap-2">
          <img src="/icon.svg" alt="" width={28} height={28} />
          <h1 className="text-lg font-semibold">AgentMesh</h1>
        </div>
        <label className="flex flex-col gap-1.5">
          <span className="font-medium">API key</span>
          <input className="field font-mono" type="password" autoComplete="off" spellCheck={false} required autoFocus value={key} onChange={(e) => setKey(e.target.value)} placeholder="am_…" />
        </label>
        <p className="text-dim">This server wants a key. An admin makes one under Keys. It is kept for this tab only, until the tab closes.</p>
        <Complaint error={error} />
        <Button type="submit" look="primary" disabled={busy || key.trim() === ""} className="justify-center">
          {busy ? "Checking…" : "Sign in"}
        </Button>
      </form>
    </main>
  );
}

async function probe(key: string): Promise<void> {
  if (!/^[\x21-\x7e]+$/.test(key)) throw new ApiError(0, "key-malformed", "No key has such characters: there are spaces or letters beyond ASCII in it. Copy it again, alone.");
  const answer = await fetch("/v1/me", { headers: { Authorization: `Bearer ${key}` } }).catch(() => undefined);
  if (!answer) throw new ApiError(0, "unreachable", "The server cannot be reached. Check that it runs, then try again.");
  if (answer.status === 401) throw new ApiError(401, "key-refused", "The server does not take this key. It may have expired, been revoked, or been copied without its end.");
  if (!answer.ok) await get("/v1/me");
}
