import { type FormEvent, type ReactNode, useState } from "react";
import { post, segment } from "../api/client";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { Complaint } from "../parts/States";

export function TellDialog({ goal, close }: { goal: string; close: () => void }) {
  return (
    <SayDialog title="Tell the goal something" label="What is new?" button="Tell" send={(text) => post(`/v1/goals/${segment(goal)}/messages`, { text })} close={close}>
      What you say goes into its journal, and the plan is made anew with it where that helps.
    </SayDialog>
  );
}

export function CancelDialog({ goal, close }: { goal: string; close: () => void }) {
  return (
    <SayDialog title="Cancel the goal" label="Why?" button="Cancel the goal" send={(reason) => post(`/v1/goals/${segment(goal)}/cancel`, { reason })} close={close} start="No longer wanted.">
      Running steps are stopped. What they have already done in the world stays done.
    </SayDialog>
  );
}

interface Props {
  readonly title: string;
  readonly label: string;
  readonly button: string;
  readonly send: (text: string) => Promise<void>;
  readonly close: () => void;
  readonly start?: string;
  readonly children: ReactNode;
}

function SayDialog({ title, label, button, send, close, start = "", children }: Props) {
  const [text, setText] = useState(start);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  async function say(e: FormEvent) {
    e.preventDefault();
    setBusy(true);
    try {
      await send(text.trim());
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  }
  return (
    <Dialog title={title} close={close}>
      <form onSubmit={say} className="flex flex-col gap-4">
        <Field label={label} note={children}>
          <textarea className="field min-h-20" required autoFocus value={text} maxLength={32_000} onChange={(e) => setText(e.target.value)} />
        </Field>
        <Complaint error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Back</Button>
          <Button type="submit" look="primary" disabled={busy || text.trim() === ""}>
            {button}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
