import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { newKey, post, segment } from "../../api/client";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { Complaint } from "../../parts/States";

interface Props {
  readonly goal: string;
  readonly step: string;
  readonly instruction: string;
  readonly close: () => void;
}

/** A new goal that keeps what was done before the step, and does it and what depends on it anew. */
export function ForkDialog({ goal, step, instruction, close }: Props) {
  const navigate = useNavigate();
  const [told, setTold] = useState(instruction);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const key = useRef({ of: "", is: "" });

  async function fork(e: FormEvent) {
    e.preventDefault();
    setBusy(true);
    setError(undefined);
    const text = told.trim();
    if (key.current.of !== text) key.current = { of: text, is: newKey() };
    try {
      const body = { fromStep: step, ...(text !== instruction && { instruction: text }) };
      const made = await post<{ readonly goal: string }>(`/v1/goals/${segment(goal)}/fork`, body, { "Idempotency-Key": key.current.is });
      await navigate({ to: "/goals/$goal", params: { goal: made.goal }, search: {} });
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  }

  return (
    <Dialog title={`Fork from step ${step}`} close={close}>
      <form onSubmit={fork} className="flex flex-col gap-4">
        <p className="max-w-prose">A new goal begins here. What was done before this step is kept and not done again; the step and all that depend on it are done anew.</p>
        <Field label="What the step is told">
          <textarea className="field min-h-24" required autoFocus maxLength={32_000} value={told} onChange={(e) => setTold(e.target.value)} />
        </Field>
        <Complaint error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Back</Button>
          <Button type="submit" look="primary" disabled={busy || told.trim() === ""}>
            Fork
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
