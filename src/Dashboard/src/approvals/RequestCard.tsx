import { type Ref, useImperativeHandle, useRef, useState } from "react";
import type { ApprovalAsked, Json, QuestionAsked } from "../api/types";
import { useMay } from "../api/me";
import { Button } from "../parts/Button";
import { JsonView } from "../parts/JsonView";
import { Complaint } from "../parts/States";
import { Icon } from "../parts/Icon";
import { type Decision, useDecide } from "./decide";
import { EditArguments } from "./EditArguments";

/** What the inbox's keys do to the card that they are meant for. */
export interface RequestKeys {
  readonly approve: () => void;
  readonly reject: () => void;
  readonly edit: () => void;
}

interface Props {
  readonly goal: string;
  readonly approval?: ApprovalAsked;
  readonly question?: QuestionAsked;
  readonly readOnly?: boolean;
  readonly keys?: Ref<RequestKeys>;
  readonly decided?: () => void;
}

export function RequestCard({ goal, approval, question, ...rest }: Props) {
  if (approval) return <ApprovalCard goal={goal} approval={approval} {...rest} />;
  return question ? <QuestionCard goal={goal} question={question} {...rest} /> : null;
}

type CardProps = Pick<Props, "goal" | "readOnly" | "keys" | "decided">;

function ApprovalCard({ goal, approval, readOnly, keys, decided }: CardProps & { approval: ApprovalAsked }) {
  const [mode, setMode] = useState<"reject" | "edit">();
  const [reason, setReason] = useState("");
  const decide = useDecide(goal, approval.request);
  const may = useMay("approver") && !readOnly;
  const send = (decision: Decision) => decide.mutate(decision, { onSuccess: decided });
  useImperativeHandle(keys, () => ({ approve: () => may && send({ verdict: "approve" }), reject: () => may && setMode("reject"), edit: () => may && setMode("edit") }));
  return (
    <article aria-label={`${approval.tool} for ${approval.step}`} className="flex min-w-0 flex-col gap-3">
      <p className="flex flex-wrap items-center gap-x-2">
        <Icon name="tool" />
        <strong className="font-mono">{approval.tool}</strong>
        <span className="text-dim">
          asked by step {approval.step}, under plan {approval.planVersion}
        </span>
      </p>
      <p className="max-w-prose">{approval.why}</p>
      <div className="rounded-md border border-line bg-sunken p-3">
        <p className="mb-2 text-xs text-dim">It would be called with exactly these arguments:</p>
        <JsonView value={approval.arguments} untrusted={approval.untrusted} />
      </div>
      {approval.untrusted.length > 0 && (
        <p className="flex gap-2 text-amber">
          <Icon name="warning" />
          <span>
            What is marked comes from outside ({approval.untrusted.join(", ")}): read it as a stranger's words before you consent.
          </span>
        </p>
      )}
      {may && mode === undefined && (
        <div className="sticky bottom-0 -mx-4 -mb-4 flex flex-wrap gap-2 border-t border-line bg-panel px-4 py-3">
          <Button look="primary" icon="check" disabled={decide.isPending} onClick={() => send({ verdict: "approve" })}>
            Approve
          </Button>
          <Button look="danger" icon="cross" disabled={decide.isPending} onClick={() => setMode("reject")}>
            Reject…
          </Button>
          <Button icon="edit" disabled={decide.isPending} onClick={() => setMode("edit")}>
            Edit…
          </Button>
        </div>
      )}
      {may && mode === "reject" && (
        <form
          className="flex flex-col gap-2"
          onSubmit={(e) => {
            e.preventDefault();
            send({ verdict: "reject", reason: reason.trim() });
          }}
        >
          <label className="flex flex-col gap-1">
            <span className="font-medium">Why not? The step is told so.</span>
            <textarea className="field min-h-16" required autoFocus value={reason} maxLength={4_000} onChange={(e) => setReason(e.target.value)} />
          </label>
          <div className="flex gap-2">
            <Button type="submit" look="danger" disabled={decide.isPending || reason.trim() === ""}>
              Reject
            </Button>
            <Button onClick={() => setMode(undefined)}>Back</Button>
          </div>
        </form>
      )}
      {may && mode === "edit" && (
        <EditArguments value={approval.arguments} busy={decide.isPending} save={(edited: Json) => send({ verdict: "edit", arguments: edited })} back={() => setMode(undefined)} />
      )}
      {!may && !readOnly && <p className="text-dim">Your key may look at this; deciding it needs the role approver.</p>}
      <Complaint error={decide.error} />
    </article>
  );
}

function QuestionCard({ goal, question, readOnly, keys, decided }: CardProps & { question: QuestionAsked }) {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const decide = useDecide(goal, question.request);
  const may = useMay("approver") && !readOnly;
  const send = (answer: string) => decide.mutate({ answer }, { onSuccess: decided });
  const focus = () => (field.current ?? first.current)?.focus();
  useImperativeHandle(keys, () => ({ approve: focus, reject: focus, edit: focus }));
  return (
    <article aria-label={`Question ${question.request}`} className="flex min-w-0 flex-col gap-3">
      <p className="flex items-center gap-2 text-dim">
        <Icon name="person" />
        {question.step ? `asked by step ${question.step}` : "asked by the orchestrator"}
      </p>
      <p className="max-w-prose font-medium break-words whitespace-pre-line">{question.question}</p>
      {may && question.choices.length > 0 && (
        <div className="flex flex-wrap gap-2">
          {question.choices.map((choice, n) => (
            <button
              key={choice}
              ref={n === 0 ? first : undefined}
              type="button"
              disabled={decide.isPending}
              onClick={() => send(choice)}
              className="min-h-9 rounded-md border border-edge bg-panel px-3 py-1 text-left font-medium hover:bg-sunken disabled:opacity-60"
            >
              {choice}
            </button>
          ))}
        </div>
      )}
      {may && question.choices.length === 0 && (
        <form
          className="flex flex-col gap-2"
          onSubmit={(e) => {
            e.preventDefault();
            send(text.trim());
          }}
        >
          <label className="flex flex-col gap-1">
            <span className="font-medium">Your answer</span>
            <textarea ref={field} className="field min-h-16" required value={text} maxLength={32_000} onChange={(e) => setText(e.target.value)} />
          </label>
          <Button type="submit" look="primary" className="self-start" disabled={decide.isPending || text.trim() === ""}>
            Answer
          </Button>
        </form>
      )}
      {!may && !readOnly && <p className="text-dim">Your key may look at this; answering it needs the role approver.</p>}
      <Complaint error={decide.error} />
    </article>
  );
}
