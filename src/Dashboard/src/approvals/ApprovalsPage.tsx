import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { StepMark } from "../goal/StepProgressList";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { plural } from "../parts/format";
import { Page } from "../parts/Page";
import { Empty, Failure, Skeleton } from "../parts/States";
import { Ago } from "../parts/Time";
import { RequestCard, type RequestKeys } from "./RequestCard";
import { type Asked, useLiveApprovals, useOpenApprovals } from "./useApprovals";

/** Everything that goals ask of people, oldest first: who waits longest is helped first. */
export function ApprovalsPage() {
  useLiveApprovals();
  const open = useOpenApprovals();
  const asked = open.data?.toReversed() ?? [];
  const [chosen, setChosen] = useState<string>();
  const [help, setHelp] = useState(false);
  const keys = useRef<RequestKeys>(null);
  const index = Math.max(0, asked.findIndex((a) => a.key === chosen));
  const current = asked[index];

  useEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || isTyping(e.target)) return;
      const action = {
        j: () => setChosen(asked[Math.min(index + 1, asked.length - 1)]?.key),
        k: () => setChosen(asked[Math.max(index - 1, 0)]?.key),
        a: () => keys.current?.approve(),
        r: () => keys.current?.reject(),
        e: () => keys.current?.edit(),
        "?": () => setHelp(true),
      }[e.key];
      if (!action) return;
      e.preventDefault();
      action();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  });

  const next = () => setChosen((asked[index + 1] ?? asked[index - 1])?.key);
  return (
    <Page
      title="Approvals"
      note={open.isSuccess && (asked.length > 0 ? `${asked.length} open` : undefined)}
      actions={
        <Button look="quiet" onClick={() => setHelp(true)}>
          Keys <kbd className="rounded border border-edge px-1 font-mono text-xs">?</kbd>
        </Button>
      }
    >
      {open.isPending ? (
        <div className="panel">
          <Skeleton />
        </div>
      ) : open.isError && !open.data ? (
        <div className="panel">
          <Failure what="What is asked cannot be listed" error={open.error} retry={() => void open.refetch()} />
        </div>
      ) : !current ? (
        <div className="panel">
          <Empty title="Nobody waits for you">When an agent needs consent or an answer, it appears here by itself, with everything that you need to decide it.</Empty>
        </div>
      ) : (
        <div className="grid items-start gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
          <ul aria-label="Open requests" className="panel max-h-72 overflow-y-auto lg:max-h-[80dvh]">
            {asked.map((a) => (
              <li key={a.key}>
                <Choice asked={a} isChosen={a === current} choose={() => setChosen(a.key)} />
              </li>
            ))}
          </ul>
          <section aria-label="Request" aria-live="polite" className="panel min-w-0 overflow-hidden">
            <Around asked={current} />
            <div className="p-4">
              <RequestCard key={current.key} goal={current.goal.goal} approval={current.approval} question={current.question} keys={keys} decided={next} />
            </div>
            <PlanSoFar asked={current} />
          </section>
        </div>
      )}
      {help && <KeyHelp close={() => setHelp(false)} />}
    </Page>
  );
}

function Choice({ asked: { goal, approval, question }, isChosen, choose }: { asked: Asked; isChosen: boolean; choose: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isChosen) button.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return (
    <button ref={button} type="button" aria-current={isChosen ? "true" : undefined} onClick={choose} className={`w-full border-b border-line px-3 py-2.5 text-left ${isChosen ? "bg-accent-soft" : "hover:bg-sunken"}`}>
      <span className="flex justify-between gap-2">
        <strong className="truncate">{approval ? approval.tool : "Question"}</strong>
        <span className="shrink-0 text-xs text-dim">
          <Ago at={goal.changedAt} />
        </span>
      </span>
      <span className="line-clamp-2 text-dim">{question ? question.question : goal.text}</span>
    </button>
  );
}

function Around({ asked: { goal } }: { asked: Asked }) {
  return (
    <header className="border-b border-line px-4 py-3">
      <h2 className="font-semibold">
        <Link to="/goals/$goal" params={{ goal: goal.goal }} className="hover:underline">
          {goal.text}
        </Link>
      </h2>
      <p className="mt-0.5 text-dim">
        submitted <Ago at={goal.submittedAt} /> by {goal.submittedBy}
        {goal.tenant !== "default" && `, tenant ${goal.tenant}`}
      </p>
    </header>
  );
}

function PlanSoFar({ asked: { goal, approval, question } }: { asked: Asked }) {
  const asking = approval?.step ?? question?.step;
  if (goal.steps.length === 0) return null;
  return (
    <section aria-label="The plan so far" className="border-t border-line px-4 py-3">
      <h3 className="mb-1 font-semibold">
        The plan so far <span className="font-normal text-dim">version {goal.planVersion}, {plural(goal.steps.length, "step")}</span>
      </h3>
      <ol className="flex flex-col">
        {goal.steps.slice(0, 40).map((s) => (
          <li key={s.step} className={`flex min-h-8 items-center gap-2 rounded px-1.5 ${s.step === asking ? "bg-amber-soft" : ""}`}>
            <StepMark status={s.status} />
            <span className="sr-only">{s.status}</span>
            <span className="min-w-0 flex-1 truncate" title={s.instruction}>
              <strong className="font-medium">{s.step}</strong> <span className="text-dim">· {s.role} → {s.produces}</span>
            </span>
            {s.step === asking && <span className="text-xs text-amber">asks this</span>}
            {s.tier && <span className="text-xs text-dim">{s.tier}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

const help: readonly (readonly [string, string])[] = [
  ["j, k", "the next, the one before"],
  ["a", "approve it"],
  ["r", "reject it, with a reason"],
  ["e", "edit its arguments"],
  ["Esc", "close what is open"],
];

function KeyHelp({ close }: { close: () => void }) {
  return (
    <Dialog title="Keys" close={close}>
      <dl className="grid grid-cols-[6rem_1fr] gap-y-2">
        {help.map(([key, what]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="rounded border border-edge px-1.5 font-mono text-xs">{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) || target.closest("dialog") !== null);
