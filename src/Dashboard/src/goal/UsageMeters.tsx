import type { GoalView } from "../api/types";
import { addUsage, noUsage } from "../journal/usage";
import { decimal, duration, short } from "../parts/format";

/** What was spent, and against which limit where there is one. */
export function UsageMeters({ view }: { view: GoalView }) {
  const used = addUsage(noUsage, view.usage);
  const { budget } = view.spec.constraints;
  const tokens = used.inputTokens + used.outputTokens;
  return (
    <ul className="flex flex-col gap-3">
      <Meter name="Tokens" used={tokens} limit={budget.tokens} text={short} note={tokens > 0 ? `${short(used.inputTokens)} in, ${short(used.outputTokens)} out` : undefined} />
      <Meter name="Model calls" used={used.modelCalls} limit={budget.modelCalls} text={short} />
      <Meter name="Tool calls" used={used.toolCalls} limit={budget.toolCalls} text={short} />
      <Meter name="Model and tool time" used={used.seconds} limit={budget.seconds} text={(s) => duration(s * 1000)} />
      <Meter name="Cost" used={used.cost} limit={budget.cost} text={(c) => decimal(c, 4)} />
    </ul>
  );
}

interface Props {
  readonly name: string;
  readonly used: number;
  readonly limit?: number;
  readonly text: (n: number) => string;
  readonly note?: string;
}

function Meter({ name, used, limit, text, note }: Props) {
  const share = limit === undefined || limit === 0 ? 0 : Math.min(1, used / limit);
  return (
    <li>
      <div className="flex justify-between gap-3">
        <span>{name}</span>
        <span className="text-right tabular-nums">
          {text(used)}
          {limit !== undefined && <span className="text-dim"> of {text(limit)}</span>}
        </span>
      </div>
      {limit !== undefined && (
        <div role="meter" aria-label={`${name} against the budget`} aria-valuemin={0} aria-valuemax={limit} aria-valuenow={Math.min(used, limit)} className="mt-1 h-1.5 overflow-hidden rounded bg-sunken">
          <div className={`h-full ${share >= 0.9 ? "bg-red" : share >= 0.7 ? "bg-amber" : "bg-accent"}`} style={{ width: `${share * 100}%` }} />
        </div>
      )}
      {note && <div className="text-xs text-dim">{note}</div>}
    </li>
  );
}
