import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type Exchange, exchangesOf } from "../journal/exchanges";
import { parseTime } from "../journal/time";
import { clockTime, plural } from "../parts/format";
import { Empty } from "../parts/States";
import { VirtualList } from "../parts/VirtualList";
import type { GoalMoment } from "./useGoal";

export function MessagesTab({ moment: { entries, view } }: { moment: GoalMoment }) {
  const [who, setWho] = useState("");
  const all = useMemo(() => exchangesOf(entries), [entries]);
  const people = useMemo(() => [...new Set(all.flatMap((m) => [m.from, m.to]))].sort(), [all]);
  const shown = useMemo(() => (who === "" ? all : all.filter((m) => m.from === who || m.to === who)), [all, who]);
  return (
    <div className="panel overflow-hidden">
      <div className="flex min-h-11 flex-wrap items-center gap-3 border-b border-line px-4 py-1">
        <h2 className="font-semibold">Who told whom</h2>
        <span className="text-dim">{plural(shown.length, "message")}</span>
        <label className="ml-auto flex items-center gap-2 text-dim">
          Only
          <select className="field h-8 min-h-8 w-auto max-w-48 py-0 text-ink" value={who} onChange={(e) => setWho(e.target.value)}>
            <option value="">everybody</option>
            {people.map((p) => (
              <option key={p}>{p}</option>
            ))}
          </select>
        </label>
      </div>
      {shown.length === 0 ? (
        <Empty title="Nobody has said anything yet">Assignments, results, questions and consent appear here as agents exchange them.</Empty>
      ) : (
        <VirtualList label="Messages" items={shown} keyOf={(m) => `${m.sequence} ${m.from} ${m.to} ${m.text}`} estimate={68}>
          {(message) => <Message message={message} goal={view.goal} />}
        </VirtualList>
      )}
    </div>
  );
}

const colours = ["text-blue", "text-violet", "text-green", "text-amber"] as const;

/** Agents of one role bear one colour; people and the orchestrator none. */
function colourOf(name: string): string {
  if (!name.includes("/")) return "text-ink";
  const role = name.slice(0, name.lastIndexOf("/"));
  let sum = 0;
  for (const letter of role) sum = (sum * 31 + letter.charCodeAt(0)) % 1009;
  return colours[sum % colours.length]!;
}

function Message({ message: m, goal }: { message: Exchange; goal: string }) {
  return (
    <article className="grid gap-x-4 border-b border-line px-4 py-2.5 sm:grid-cols-[9rem_minmax(0,1fr)]">
      <span className="text-xs text-dim tabular-nums">
        #{m.sequence} · {clockTime(parseTime(m.at))}
      </span>
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-1.5">
          <strong className={`font-mono text-xs ${colourOf(m.from)}`}>{m.from}</strong>
          <span className="text-dim">{m.verb}</span>
          <span aria-label="to" role="img" className="text-dim">
            →
          </span>
          <strong className={`font-mono text-xs ${colourOf(m.to)}`}>{m.to}</strong>
          {m.step && (
            <Link to="/goals/$goal" params={{ goal }} search={(s) => ({ ...s, tab: "plan" as const, step: m.step })} className="inline-block min-h-7 min-w-7 text-xs leading-7 text-accent underline">
              {m.step}
            </Link>
          )}
        </p>
        {m.artifact ? (
          <Link to="/goals/$goal" params={{ goal }} search={(s) => ({ ...s, tab: "artifacts" as const, artifact: m.artifact })} className="line-clamp-3 break-words text-accent underline">
            {m.text}
          </Link>
        ) : (
          <p className="line-clamp-3 break-words" title={m.text}>
            {m.text}
          </p>
        )}
      </div>
    </article>
  );
}
