import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../../api/me";
import type { Json } from "../../api/types";
import { find, type CallState, type StepState } from "../../journal/state";
import { toldLast } from "../../journal/steps";
import { parseTime } from "../../journal/time";
import { Button } from "../../parts/Button";
import { duration } from "../../parts/format";
import { Icon } from "../../parts/Icon";
import { JsonView } from "../../parts/JsonView";
import { Fact, Facts, Section } from "../../parts/Page";
import { Reason } from "../../parts/Reason";
import { Badge, type Colour, StatusBadge } from "../../parts/StatusBadge";
import type { GoalMoment } from "../useGoal";
import { ForkDialog } from "./ForkDialog";

/** Everything of one step: what it was told, what it did, what came of it and why. */
export function StepPanel({ moment: { state, view }, step: id, close }: { moment: GoalMoment; step: string; close: () => void }) {
  const [forking, setForking] = useState(false);
  const mayFork = useMay("submitter");
  const step = find(state.steps, id);
  if (!step)
    return (
      <Section title={id} actions={<Button look="quiet" icon="close" label="Close" onClick={close} />}>
        <p className="text-dim">There is no such step at this moment of the goal.</p>
      </Section>
    );
  return (
    <Section
      title={`Step ${id}`}
      actions={
        <>
          {mayFork && step.status !== "Pending" && !step.definition.parent && <Button onClick={() => setForking(true)}>Fork from here…</Button>}
          <Button look="quiet" icon="close" label="Close" onClick={close} />
        </>
      }
    >
      {forking && <ForkDialog goal={view.goal} step={id} instruction={toldLast(state.plans, step)} close={() => setForking(false)} />}
      <div className="grid gap-6 lg:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          <p className="max-w-prose">{step.definition.instruction}</p>
          <StepFacts step={step} goal={view.goal} />
          {step.error && (
            <p className="flex gap-2 text-red">
              <Icon name="warning" />
              <span className="min-w-0">{step.error}</span>
            </p>
          )}
          {step.why && <Reason why={step.why} />}
        </div>
        <div className="min-w-0">
          <h3 className="mb-2 font-semibold">Calls</h3>
          {step.calls.items.length === 0 ? <p className="text-dim">It called no model and no tool.</p> : <Calls calls={step.calls.items} />}
        </div>
      </div>
    </Section>
  );
}

function StepFacts({ step, goal }: { step: StepState; goal: string }) {
  const { definition } = step;
  const took = step.startedAt && step.endedAt ? duration(parseTime(step.endedAt) - parseTime(step.startedAt)) : undefined;
  const artifact = (id: string) => (
    <Link key={id} to="/goals/$goal" params={{ goal }} search={(s) => ({ ...s, tab: "artifacts" as const, artifact: id })} className="mr-2 text-accent underline">
      {id}
    </Link>
  );
  return (
    <Facts>
      <Fact name="Status">
        <StatusBadge status={step.status} />
      </Fact>
      <Fact name="Agent">{step.agent ? <span className="font-mono text-xs">{step.agent}</span> : `${definition.role}, not started`}</Fact>
      <Fact name="Reads">{definition.inputs.length > 0 ? definition.inputs.map(artifact) : "–"}</Fact>
      <Fact name="Makes">
        {definition.produces} {step.status === "Completed" && artifact(step.id)}
      </Fact>
      <Fact name="Attempts">
        {step.attempt} of {definition.retry?.maxAttempts ?? 3}
        {step.retryAt && step.status === "BackingOff" && `, the next at ${new Date(step.retryAt).toLocaleTimeString()}`}
      </Fact>
      {took && <Fact name="Took">{took}</Fact>}
      {step.tier && (
        <Fact name="Answered by">
          {step.tier}
          {step.confidence !== undefined && `, confidence ${step.confidence.toFixed(2)}`}
        </Fact>
      )}
      {definition.when && (
        <Fact name="Only when">
          <code className="font-mono text-xs">{definition.when}</code>
        </Fact>
      )}
      {definition.optional && <Fact name="Optional">its failure does not stop the goal</Fact>}
      <Fact name="Plan">version {step.planVersion}</Fact>
    </Facts>
  );
}

const callColours: Record<CallState["status"], Colour> = { claimed: "blue", returned: "green", failed: "red", unknown: "amber" };
const mostCalls = 100;

function Calls({ calls }: { calls: readonly CallState[] }) {
  return (
    <ul className="flex max-h-[28rem] flex-col gap-1.5 overflow-y-auto" tabIndex={0} aria-label="Calls">
      {calls.slice(0, mostCalls).map((call) => (
        <li key={call.id}>
          <details className="rounded-md border border-line">
            <summary className="flex min-h-9 items-center gap-2 px-2">
              <Icon name={call.kind} size={14} />
              <span className="min-w-0 flex-1 truncate font-mono text-xs">{call.name}</span>
              <span className="text-xs text-dim tabular-nums">{duration(call.seconds * 1000)}</span>
              <Badge colour={callColours[call.status]} text={call.status} />
            </summary>
            <div className="flex flex-col gap-3 border-t border-line p-2">
              {call.error && <p className="text-red">{call.error}</p>}
              {call.arguments !== undefined && <Value title="Arguments" value={call.arguments} />}
              {call.result !== undefined && <Value title={call.kind === "model" ? "Answer" : call.trust === "Untrusted" ? "Result (untrusted: from outside)" : "Result"} value={call.result} />}
              <p className="font-mono text-xs text-dim">
                {call.id}, attempt {call.attempt}
                {call.kind === "tool" && `, ${call.effect.toLowerCase()}`}
              </p>
            </div>
          </details>
        </li>
      ))}
      {calls.length > mostCalls && <li className="text-dim">… {calls.length - mostCalls} more, on the timeline</li>}
    </ul>
  );
}

function Value({ title, value }: { title: string; value: Json }) {
  return (
    <div>
      <p className="mb-1 text-xs text-dim">{title}</p>
      <JsonView value={value} />
    </div>
  );
}
