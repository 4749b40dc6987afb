import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { post } from "../api/client";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { Complaint } from "../parts/States";

export function AddDocument({ collections, close }: { collections: readonly string[]; close: () => void }) {
  const queries = useQueryClient();
  const [collection, setCollection] = useState(collections[0] ?? "articles");
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  async function add(e: FormEvent) {
    e.preventDefault();
    setBusy(true);
    try {
      await post("/v1/knowledge", { collection: collection.trim(), name: name.trim(), text });
      await queries.invalidateQueries({ queryKey: ["knowledge"] });
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  }

  async function read(file: File | undefined) {
    if (!file) return;
    setText(await file.text());
    if (name === "") setName(file.name);
  }

  return (
    <Dialog title="Add a document" close={close} wide>
      <form onSubmit={add} className="flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Collection">
            <input className="field" required maxLength={200} list="collections" value={collection} onChange={(e) => setCollection(e.target.value)} />
            <datalist id="collections">
              {collections.map((c) => (
                <option key={c} value={c} />
              ))}
            </datalist>
          </Field>
          <Field label="Name" note="The same name again replaces the document.">
            <input className="field" required maxLength={200} value={name} onChange={(e) => setName(e.target.value)} placeholder="refunds.md" />
          </Field>
        </div>
        <Field label="Text">
          <textarea className="field min-h-48 font-mono text-xs" required value={text} onChange={(e) => setText(e.target.value)} placeholder="# Refunds" />
        </Field>
        <Field label="Or from a text file">
          <input type="file" accept=".md,.txt,text/*" onChange={(e) => void read(e.target.files?.[0])} />
        </Field>
        <Complaint error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="primary" disabled={busy || text.trim() === ""}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
