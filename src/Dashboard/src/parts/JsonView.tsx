import type { ReactNode } from "react";
import type { Json } from "../api/types";
import { Icon } from "./Icon";

interface Props {
  readonly value: Json;
  /** Paths (`to`, `body.text`, `items[0]`) whose values derive from untrusted text. */
  readonly untrusted?: readonly string[];
}

/** JSON as an outline. What is long is folded, what is untrusted is marked. */
export function JsonView({ value, untrusted = [] }: Props) {
  const suspicious = new Set(untrusted.map(plain));
  return (
    <div className="overflow-x-auto font-mono text-xs leading-5">
      <Value value={value} path="" suspicious={suspicious} depth={0} />
    </div>
  );
}

const plain = (path: string): string => path.replace(/^\$\.?/, "").replace(/^\//, "").replaceAll("/", ".");

interface Place {
  readonly path: string;
  readonly suspicious: ReadonlySet<string>;
  readonly depth: number;
}

function Value({ value, ...place }: Place & { value: Json }): ReactNode {
  const marked = place.suspicious.has(place.path);
  const shown = marked ? <Untrusted>{inner(value, place)}</Untrusted> : inner(value, place);
  return shown;
}

function inner(value: Json, place: Place): ReactNode {
  if (value === null) return <span className="text-dim">null</span>;
  if (typeof value === "string") return <Text text={value} />;
  if (typeof value !== "object") return <span className="text-blue">{String(value)}</span>;
  const isList = Array.isArray(value);
  const items: [string, Json][] = isList ? (value as readonly Json[]).map((item, n) => [String(n), item]) : Object.entries(value);
  if (items.length === 0) return <span className="text-dim">{isList ? "[]" : "{}"}</span>;
  const list = (
    <ul className={place.depth > 0 ? "border-l border-line pl-3" : ""}>
      {items.slice(0, most).map(([name, item]) => (
        <li key={name}>
          <span className="text-violet">{name}</span>
          <span className="text-dim">: </span>
          <Value value={item} suspicious={place.suspicious} depth={place.depth + 1} path={isList ? `${place.path}[${name}]` : place.path === "" ? name : `${place.path}.${name}`} />
        </li>
      ))}
      {items.length > most && <li className="text-dim">… {items.length - most} more</li>}
    </ul>
  );
  if (place.depth === 0) return list;
  return (
    <details open={place.depth < 3 && items.length <= 20} className="inline-block align-top">
      <summary className="text-dim">{isList ? `[${items.length}]` : `{${items.length}}`}</summary>
      {list}
    </details>
  );
}

const most = 200;

function Text({ text }: { text: string }) {
  if (text.length <= 200 && !text.includes("\n")) return <span className="break-words whitespace-pre-wrap text-green">{text === "" ? "“”" : text}</span>;
  return <span className="block max-w-[80ch] border-l-2 border-line pl-2 break-words whitespace-pre-wrap text-green">{text.length > 20_000 ? `${text.slice(0, 20_000)}…` : text}</span>;
}

/** Says in words, too, that this came from outside. */
export function Untrusted({ children }: { children: ReactNode }) {
  return (
    <span className="inline-block rounded border border-dashed border-amber bg-amber-soft px-1 align-top [&_*]:text-amber">
      <span className="mr-1.5 inline-flex items-center gap-1 font-sans text-[11px] font-semibold text-amber">
        <Icon name="warning" size={11} />
        untrusted
      </span>
      {children}
    </span>
  );
}
