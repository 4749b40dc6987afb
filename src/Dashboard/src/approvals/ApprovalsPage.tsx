import { Link } from "@tanstack/react-router";
import { type Ref, useEffect, useMemo, useRef, useState } from "react";
import { StepMark } from "../goal/StepProgressList";
import { agentName } from "../journal/agents";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { count, plural } from "../parts/format";
import { Page } from "../parts/Page";
import { Complaint, Empty, Failure, Skeleton } from "../parts/States";
import { Ago } from "../parts/Time";
import { after, type Held, hold, move } from "./inbox";
import { useKeys, useKeysOn } from "./keys";
import { RequestCard, type RequestKeys } from "./RequestCard";
import { type Asked, useLiveApprovals, useOpenApprovals } from "./useApprovals";

/** Everything that goals ask of people, oldest first: who waits longest is helped first. */
export function ApprovalsPage() {
  useLiveApprovals();
  const open = useOpenApprovals();
  const asked = useMemo(() => open.data?.toReversed() ?? [], [open.data]);
  const [chosen, setChosen] = useState<Held>();
  const [failed, setFailed] = useState<{ readonly asked: Asked; readonly error: unknown }>();
  const [help, setHelp] = useState(false);
  const [keysOn, setKeysOn] = useKeysOn();
  const keys = useRef<RequestKeys>(null);
  const held = hold(chosen, asked);
  if (held !== chosen) setChosen(held);

  // The link that led here keeps no focus: letters pressed on it would mean nothing.
  useEffect(() => document.getElementById("main")?.focus({ preventScroll: true }), []);
  useKeys(keysOn, {
    j: () => setChosen(move(held, asked, 1)),
    k: () => setChosen(move(held, asked, -1)),
    a: () => keys.current?.approve(),
    r: () => keys.current?.reject(),
    e: () => keys.current?.edit(),
    "?": () => setHelp(true),
  });

  const decided = (key: string) => {
    if (failed?.asked.key === key) setFailed(undefined);
    setChosen((now) => (now?.asked.key === key ? after(now, asked) : now));
  };
  return (
    <Page
      title="Approvals"
      note={open.isSuccess && (asked.length > 0 ? `${count(asked.length)} open${open.isCut ? ", the newest; there are older ones, which come when some of these are decided" : ""}` : undefined)}
      actions={
        <Button look="quiet" data-keys onClick={() => setHelp(true)}>
          Keys <kbd className="rounded border border-edge px-1 font-mono text-xs">?</kbd>
        </Button>
      }
    >
      {failed && (
        <div className="panel mb-3 flex flex-wrap items-center justify-between gap-3 px-4 py-2">
          <div className="min-w-0">
            <p className="font-medium">Your decision on {nameOf(failed.asked)} was not taken</p>
            <Complaint error={failed.error} />
          </div>
          <Button onClick={() => setFailed(undefined)}>Dismiss</Button>
        </div>
      )}
      {held && open.isError && (
        <div className="mb-3">
          <Complaint error={open.error} />
        </div>
      )}
      {open.isPending ? (
        <div className="panel">
          <Skeleton />
        </div>
      ) : open.isError && !held ? (
        <div className="panel">
          <Failure what="What is asked cannot be listed" error={open.error} retry={() => void open.refetch()} />
        </div>
      ) : !held ? (
        <div className="panel">
          <Empty title="Nobody waits for you">When an agent needs consent or an answer, it appears here by itself, with everything that you need to decide it.</Empty>
        </div>
      ) : (
        <div data-keys className="grid items-start gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
          <ul aria-label="Open requests" className="panel max-h-72 overflow-y-auto lg:max-h-[80dvh]">
            {asked.map((a, index) => (
              <li key={a.key}>
                <Choice asked={a} isChosen={a.key === held.asked.key} choose={() => setChosen({ asked: a, index, isGone: false })} />
              </li>
            ))}
            {asked.length === 0 && <li className="px-3 py-2.5 text-dim">Nothing else is asked.</li>}
          </ul>
          <section aria-label="Request" aria-live="polite" className="panel min-w-0 overflow-hidden">
            <Around asked={held.asked} />
            <div className="p-4">
              <Request key={held.asked.key} asked={held.asked} gone={held.isGone ? () => setChosen(after(held, asked)) : undefined} keys={keys} decided={() => decided(held.asked.key)} failed={(error) => setFailed({ asked: held.asked, error })} />
            </div>
            <PlanSoFar asked={held.asked} />
          </section>
        </div>
      )}
      {help && <KeyHelp isOn={keysOn} turn={setKeysOn} close={() => setHelp(false)} />}
    </Page>
  );
}

const nameOf = ({ approval, goal }: Asked): string => `${approval ? approval.tool : "a question"} of “${goal.text}”`;

interface RequestProps {
  readonly asked: Asked;
  readonly gone?: () => void;
  readonly keys: Ref<RequestKeys>;
  readonly decided: () => void;
  readonly failed: (error: unknown) => void;
}

function Request({ asked: { goal, approval, question }, ...rest }: RequestProps) {
  const step = goal.steps.find((s) => s.step === (approval?.step ?? question?.step));
  return <RequestCard goal={goal.goal} approval={approval} question={question} by={agentName(goal.goal, step?.agent) ?? step?.role} {...rest} />;
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
  ["?", "show these keys"],
  ["Esc", "close what is open"],
];

function KeyHelp({ isOn, turn, close }: { isOn: boolean; turn: (on: boolean) => void; close: () => void }) {
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
      <label className="mt-4 flex min-h-8 items-center gap-2">
        <input type="checkbox" checked={isOn} onChange={(e) => turn(e.target.checked)} />
        Single letters do this, in this browser
      </label>
    </Dialog>
  );
}
