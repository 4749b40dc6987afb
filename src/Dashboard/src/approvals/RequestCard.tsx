import { type Ref, useImperativeHandle, useRef, useState } from "react";
import type { ApprovalAsked, Json, QuestionAsked } from "../api/types";
import { useMay } from "../api/me";
import { Button } from "../parts/Button";
import { JsonView } from "../parts/JsonView";
import { Complaint } from "../parts/States";
import { Icon } from "../parts/Icon";
import { type Decision, type Outcome, useDecide } from "./decide";
import { EditArguments } from "./EditArguments";

/** What the inbox's keys do to the card that they are meant for. */
export interface RequestKeys {
  readonly approve: () => void;
  readonly reject: () => void;
  readonly edit: () => void;
}

interface Props extends Outcome {
  readonly goal: string;
  readonly approval?: ApprovalAsked;
  readonly question?: QuestionAsked;
  /** Who asks: the agent where one is known, else its role. */
  readonly by?: string;
  readonly readOnly?: boolean;
  /** It is no longer asked, and this goes on to what is. */
  readonly gone?: () => void;
  readonly keys?: Ref<RequestKeys>;
}

export function RequestCard({ goal, approval, question, ...rest }: Props) {
  if (approval) return <ApprovalCard goal={goal} approval={approval} {...rest} />;
  return question ? <QuestionCard goal={goal} question={question} {...rest} /> : null;
}

type CardProps = Omit<Props, "approval" | "question">;

function ApprovalCard({ goal, approval, by, readOnly, gone, keys, ...outcome }: CardProps & { approval: ApprovalAsked }) {
  const [mode, setMode] = useState<"reject" | "edit">();
  const [reason, setReason] = useState("");
  const decide = useDecide(goal, approval.request, outcome);
  const isApprover = useMay("approver");
  const may = isApprover && !readOnly;
  const isSent = decide.isPending || decide.isSuccess;
  const busy = isSent || gone !== undefined;
  const send = (decision: Decision) => decide.mutate(decision);
  // A key means the buttons that are in sight: behind a form that is open, and while one decision is on its way, there are none.
  const pressed = (act: () => void) => () => may && !busy && mode === undefined && act();
  useImperativeHandle(keys, () => ({ approve: pressed(() => send({ verdict: "approve" })), reject: pressed(() => setMode("reject")), edit: pressed(() => setMode("edit")) }));
  return (
    <article aria-label={`${approval.tool} for ${approval.step}`} className="flex min-w-0 flex-col gap-3">
      <p className="flex flex-wrap items-center gap-x-2">
        <Icon name="tool" />
        <strong className="font-mono">{approval.tool}</strong>
        <span className="text-dim">
          asked by {by && <strong className="font-medium">{by}</strong>} {by && "for"} step {approval.step}, under plan {approval.planVersion}
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
      {may && !gone && mode === undefined && (
        <div className="sticky bottom-0 -mx-4 -mb-4 flex flex-wrap gap-2 border-t border-line bg-panel px-4 py-3">
          <Button look="primary" icon="check" disabled={busy} onClick={() => send({ verdict: "approve" })}>
            Approve
          </Button>
          <Button look="danger" icon="cross" disabled={busy} onClick={() => setMode("reject")}>
            Reject…
          </Button>
          <Button icon="edit" disabled={busy} onClick={() => setMode("edit")}>
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
            <Button type="submit" look="danger" disabled={busy || reason.trim() === ""}>
              Reject
            </Button>
            <Button onClick={() => setMode(undefined)}>Back</Button>
          </div>
        </form>
      )}
      {may && mode === "edit" && (
        <EditArguments value={approval.arguments} busy={busy} save={(edited: Json) => send({ verdict: "edit", arguments: edited })} back={() => setMode(undefined)} />
      )}
      {!isApprover && !readOnly && <p className="text-dim">Your key may look at this; deciding it needs the role approver.</p>}
      {gone && !isSent && <Gone goOn={gone} />}
      {!outcome.failed && <Complaint error={decide.error} />}
    </article>
  );
}

function QuestionCard({ goal, question, by, readOnly, gone, keys, ...outcome }: CardProps & { question: QuestionAsked }) {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const decide = useDecide(goal, question.request, outcome);
  const isApprover = useMay("approver");
  const may = isApprover && !readOnly;
  const isSent = decide.isPending || decide.isSuccess;
  const busy = isSent || gone !== undefined;
  const send = (answer: string) => decide.mutate({ answer });
  const focus = () => (field.current ?? first.current)?.focus();
  useImperativeHandle(keys, () => ({ approve: focus, reject: focus, edit: focus }));
  return (
    <article aria-label={`Question ${question.request}`} className="flex min-w-0 flex-col gap-3">
      <p className="flex items-center gap-2 text-dim">
        <Icon name="person" />
        {question.step ? `asked by ${by ? `${by} for ` : ""}step ${question.step}` : "asked by the orchestrator"}
      </p>
      <p className="max-w-prose font-medium break-words whitespace-pre-line">{question.question}</p>
      {may && !gone && question.choices.length > 0 && (
        <div className="flex flex-wrap gap-2">
          {question.choices.map((choice, n) => (
            <button
              key={choice}
              ref={n === 0 ? first : undefined}
              type="button"
              disabled={busy}
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
          <Button type="submit" look="primary" className="self-start" disabled={busy || text.trim() === ""}>
            Answer
          </Button>
        </form>
      )}
      {!isApprover && !readOnly && <p className="text-dim">Your key may look at this; answering it needs the role approver.</p>}
      {gone && !isSent && <Gone goOn={gone} />}
      {!outcome.failed && <Complaint error={decide.error} />}
    </article>
  );
}

/** What was being written stays in sight, to be copied; it can no longer be sent. */
function Gone({ goOn }: { goOn: () => void }) {
  return (
    <div role="status" className="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-3">
      <p className="flex items-center gap-2 font-medium">
        <Icon name="person" />
        This was decided elsewhere, or is no longer needed.
      </p>
      <Button onClick={goOn}>Go on</Button>
    </div>
  );
}
