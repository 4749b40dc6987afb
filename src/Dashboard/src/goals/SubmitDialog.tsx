import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { get, newKey, postForm } from "../api/client";
import type { KnowledgeEntry, Playbook } from "../api/catalogue";
import type { ApprovalMode } from "../api/types";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { Complaint } from "../parts/States";
import { FileDrop } from "./FileDrop";
import { type Draft, requestOf } from "./request";

interface Accepted {
  readonly goal: string;
  readonly warnings: readonly string[];
}

const approvalWords: Record<ApprovalMode, string> = {
  Ask: "Ask a person (recommended)",
  Auto: "I consent in advance to every call",
  Never: "Refuse calls that need consent",
};

export function SubmitDialog({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const playbooks = useQuery({ queryKey: ["playbooks"], queryFn: () => get<readonly Playbook[]>("/v1/playbooks") });
  const knowledge = useQuery({ queryKey: ["knowledge"], queryFn: () => get<readonly KnowledgeEntry[]>("/v1/knowledge") });
  const [draft, setDraft] = useState<Draft>({ text: "", files: [], approvals: "Ask", playbook: "", knowledge: [], tokens: "", minutes: "" });
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  // The same key for each try of the same goal: an answer that was lost makes no second one.
  const key = useRef({ of: "", is: "" });
  const change = (part: Partial<Draft>) => setDraft((d) => ({ ...d, ...part }));
  const collections = [...new Set(knowledge.data?.map((k) => k.collection) ?? [])];

  async function submit(e: FormEvent) {
    e.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const request = JSON.stringify(requestOf(draft));
      const print = request + draft.files.map((f) => `${f.name} ${f.size} ${f.lastModified}`).join();
      if (key.current.of !== print) key.current = { of: print, is: newKey() };
      const form = new FormData();
      form.set("request", request);
      for (const file of draft.files) form.append("file", file, file.name);
      const { goal } = await postForm<Accepted>("/v1/goals", form, { "Idempotency-Key": key.current.is });
      await navigate({ to: "/goals/$goal", params: { goal }, search: {} });
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  }

  return (
    <Dialog title="Submit a goal" close={close} wide>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label="What shall be done?">
          <textarea
            className="field min-h-24"
            required
            autoFocus
            maxLength={32_000}
            value={draft.text}
            onChange={(e) => change({ text: e.target.value })}
            placeholder="Answer this customer: classify the mail, find what our articles say, open a ticket and write a reply that quotes them"
          />
        </Field>
        <FileDrop files={draft.files} put={(files) => change({ files })} />
        <details className="rounded-md border border-line px-3 py-2">
          <summary className="font-medium">Playbook, knowledge, consent and limits</summary>
          <div className="mt-3 grid gap-4 sm:grid-cols-2">
            <Field label="Playbook" note={playbooks.data?.find((p) => p.name === draft.playbook)?.description}>
              <select className="field" value={draft.playbook} onChange={(e) => change({ playbook: e.target.value })}>
                <option value="">The planner chooses</option>
                {playbooks.data?.map((p) => (
                  <option key={p.name}>{p.name}</option>
                ))}
              </select>
            </Field>
            <Field label="Calls that need consent">
              <select className="field" value={draft.approvals} onChange={(e) => change({ approvals: e.target.value as ApprovalMode })}>
                {Object.entries(approvalWords).map(([mode, words]) => (
                  <option key={mode} value={mode}>
                    {words}
                  </option>
                ))}
              </select>
            </Field>
            <Field label="At most this many tokens">
              <input className="field" inputMode="numeric" pattern="[1-9][0-9]{0,11}" title="A whole number" value={draft.tokens} onChange={(e) => change({ tokens: e.target.value })} placeholder="No limit" />
            </Field>
            <Field label="At most this many minutes">
              <input className="field" inputMode="numeric" pattern="[1-9][0-9]{0,5}" title="A whole number" value={draft.minutes} onChange={(e) => change({ minutes: e.target.value })} placeholder="No limit" />
            </Field>
            {collections.length > 0 && (
              <fieldset className="sm:col-span-2">
                <legend className="mb-1 font-medium">Knowledge (none chosen: all of it)</legend>
                <div className="flex flex-wrap gap-x-4 gap-y-1">
                  {collections.map((name) => (
                    <label key={name} className="flex min-h-7 items-center gap-1.5">
                      <input
                        type="checkbox"
                        checked={draft.knowledge.includes(name)}
                        onChange={(e) => change({ knowledge: e.target.checked ? [...draft.knowledge, name] : draft.knowledge.filter((k) => k !== name) })}
                      />
                      {name}
                    </label>
                  ))}
                </div>
              </fieldset>
            )}
          </div>
        </details>
        <Complaint error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="primary" disabled={busy || draft.text.trim() === ""}>
            {busy ? "Submitting…" : "Submit"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
