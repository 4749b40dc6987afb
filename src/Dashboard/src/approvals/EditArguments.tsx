import { type FormEvent, useState } from "react";
import { isObject } from "../api/client";
import { parseExact, writeExact } from "../api/exact";
import type { Json } from "../api/types";
import { Button } from "../parts/Button";
import { Field } from "../parts/Field";

interface Props {
  readonly value: Json;
  readonly busy: boolean;
  readonly save: (value: Json) => void;
  readonly back: () => void;
}

/** One field for each text argument, and JSON for what is no text. */
export function EditArguments({ value, busy, save, back }: Props) {
  const [texts, setTexts] = useState(() => (isObject(value) ? Object.entries(value).map(([name, v]) => ({ name, isText: typeof v === "string", text: typeof v === "string" ? v : writeExact(v, 2) })) : undefined));
  const [whole, setWhole] = useState(() => writeExact(value, 2));
  const [error, setError] = useState<string>();

  function submit(e: FormEvent) {
    e.preventDefault();
    try {
      save(texts ? Object.fromEntries(texts.map((t) => [t.name, t.isText ? t.text : parse(t.name, t.text)])) : parse("The arguments", whole));
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {texts ? (
        texts.map(({ name, isText, text }, at) => (
          <Field key={name} label={name} note={isText ? undefined : "as JSON"}>
            <textarea
              className={`field ${isText ? "" : "font-mono text-xs"}`}
              rows={Math.min(10, Math.max(1, text.split("\n").length, Math.ceil(text.length / 80)))}
              autoFocus={at === 0}
              value={text}
              onChange={(e) => setTexts(texts.map((t, n) => (n === at ? { ...t, text: e.target.value } : t)))}
            />
          </Field>
        ))
      ) : (
        <Field label="Arguments, as JSON">
          <textarea className="field min-h-32 font-mono text-xs" autoFocus value={whole} onChange={(e) => setWhole(e.target.value)} />
        </Field>
      )}
      {error && (
        <p role="alert" className="text-red">
          {error}
        </p>
      )}
      <div className="flex gap-2">
        <Button type="submit" look="primary" disabled={busy}>
          Approve with these
        </Button>
        <Button onClick={back}>Back</Button>
      </div>
    </form>
  );
}

function parse(name: string, text: string): Json {
  try {
    return parseExact(text);
  } catch (e) {
    throw new Error(`${name} is not JSON: ${e instanceof Error ? e.message : String(e)}`);
  }
}
