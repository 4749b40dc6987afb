import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { post } from "../api/client";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { Complaint } from "../parts/States";
import { type KeyMade, type Role, roles } from "./keys";

const lifetimes = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "a year"],
  ["", "until it is revoked"],
] as const;

const dayMs = 86_400_000;

export function MakeKey({ tenant, close }: { tenant: string; close: () => void }) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<{ name: string; tenant: string; roles: readonly Role[]; days: string }>({ name: "", tenant, roles: ["submitter"], days: "90" });
  const [made, setMade] = useState<KeyMade>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });

  async function make(e: FormEvent) {
    e.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const expiresAt = draft.days === "" ? undefined : new Date(Date.now() + Number(draft.days) * dayMs).toISOString();
      setMade(await post<KeyMade>("/v1/keys", { name: draft.name.trim(), tenant: draft.tenant.trim(), roles: draft.roles, ...(expiresAt && { expiresAt }) }));
      await queries.invalidateQueries({ queryKey: ["keys"] });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  if (made) return <Told made={made} close={close} />;
  return (
    <Dialog title="Make a key" close={close}>
      <form onSubmit={make} className="flex flex-col gap-4">
        <Field label="Name" note="Who or what uses it: decisions are recorded under this name.">
          <input className="field" required autoFocus maxLength={200} value={draft.name} onChange={(e) => change({ name: e.target.value })} />
        </Field>
        <Field label="Tenant">
          <input className="field" required maxLength={200} value={draft.tenant} onChange={(e) => change({ tenant: e.target.value })} />
        </Field>
        <fieldset>
          <legend className="mb-1 font-medium">Roles</legend>
          {roles.map(([role, what]) => (
            <label key={role} className="flex min-h-8 items-center gap-2">
              <input type="checkbox" checked={draft.roles.includes(role)} onChange={(e) => change({ roles: e.target.checked ? [...draft.roles, role] : draft.roles.filter((r) => r !== role) })} />
              <strong className="font-medium">{role}</strong>
              <span className="text-dim">{what}</span>
            </label>
          ))}
        </fieldset>
        <Field label="It lasts">
          <select className="field" value={draft.days} onChange={(e) => change({ days: e.target.value })}>
            {lifetimes.map(([days, words]) => (
              <option key={days} value={days}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        <Complaint error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="primary" disabled={busy || draft.name.trim() === "" || draft.roles.length === 0}>
            Make it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Told({ made, close }: { made: KeyMade; close: () => void }) {
  const [copied, setCopied] = useState<"copied" | "selected">();
  const field = useRef<HTMLInputElement>(null);

  async function copy() {
    try {
      await navigator.clipboard.writeText(made.secret);
      setCopied("copied");
    } catch {
      // Over plain http, or where it is forbidden, a browser lets no page write there.
      field.current?.focus();
      setCopied("selected");
    }
  }

  return (
    <Dialog title={`The key of ${made.key.name}`} close={close}>
      <p className="mb-3 max-w-prose">Copy it now: it is shown this once, and the server keeps only its hash.</p>
      <div className="flex gap-2">
        <input ref={field} className="field font-mono text-xs" readOnly aria-label="Key" value={made.secret} onFocus={(e) => e.target.select()} />
        <Button icon="copy" onClick={() => void copy()}>
          {copied === "copied" ? "Copied" : "Copy"}
        </Button>
      </div>
      <p role="status" className="mt-2 min-h-5 text-dim">
        {copied === "selected" && "This browser lets no page copy here. The key is selected: copy it by hand."}
      </p>
      <div className="mt-4 flex justify-end">
        <Button look="primary" onClick={close}>
          I have it
        </Button>
      </div>
    </Dialog>
  );
}
