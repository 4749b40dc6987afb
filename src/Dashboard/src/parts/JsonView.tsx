import { type ReactNode, useState } from "react";
import { isExactNumber } from "../api/exact";
import type { Json } from "../api/types";
import { count } from "./format";
import { Icon } from "./Icon";

interface Props {
  readonly value: Json;
  /** Paths (`/to`, `/body/text`, `/items/0`) whose values derive from untrusted text. */
  readonly untrusted?: readonly string[];
}

/** JSON as an outline. What is long is folded and opens whole, what is untrusted is marked. */
export function JsonView({ value, untrusted = [] }: Props) {
  const place: Place = { path: "", suspicious: new Set(untrusted.map(plain)), depth: 0 };
  const items = itemsOf(value);
  return <div className="overflow-x-auto font-mono text-xs leading-5">{items && items.length > 0 && !place.suspicious.has("") ? <Items items={items} isList={Array.isArray(value)} place={place} /> : <Entry value={value} place={place} />}</div>;
}

const plain = (path: string): string => path.replace(/^\$\.?/, "").replace(/^\//, "").replaceAll("/", ".");

interface Place {
  readonly path: string;
  readonly suspicious: ReadonlySet<string>;
  readonly depth: number;
}

type Items = readonly (readonly [string, Json])[];

function itemsOf(value: Json): Items | undefined {
  if (value === null || typeof value !== "object" || isExactNumber(value)) return undefined;
  return Array.isArray(value) ? (value as readonly Json[]).map((item, n) => [String(n), item] as const) : Object.entries(value);
}

function Items({ items, isList, place }: { items: Items; isList: boolean; place: Place }) {
  const [whole, setWhole] = useState(items.length <= most);
  return (
    <ul className={place.depth > 0 ? "ml-1 border-l border-line pl-3" : ""}>
      {(whole ? items : items.slice(0, most)).map(([name, item]) => (
        <li key={name}>
          <Entry name={name} value={item} place={{ ...place, depth: place.depth + 1, path: place.path === "" ? name : `${place.path}.${name}` }} />
        </li>
      ))}
      {!whole && (
        <li>
          <Unfold open={() => setWhole(true)}>
            … {count(items.length - most)} more {isList ? "items" : "members"}: show all
          </Unfold>
        </li>
      )}
    </ul>
  );
}

/** A name with what it has: on one line, or folded below it. */
function Entry({ name, value, place }: { name?: string; value: Json; place: Place }) {
  const items = itemsOf(value);
  const marked = place.suspicious.has(place.path);
  const label = name !== undefined && (
    <>
      <span className="text-violet">{name}</span>
      <span className="text-dim">: </span>
    </>
  );
  if (!items || items.length === 0)
    return (
      <>
        {label}
        {marked ? (
          <Untrusted>
            <Leaf value={value} />
          </Untrusted>
        ) : (
          <Leaf value={value} />
        )}
      </>
    );
  const isList = Array.isArray(value);
  const below = <Items items={items} isList={isList} place={place} />;
  return (
    <details open={place.depth < 3 && items.length <= 20}>
      <summary className="min-h-7 leading-7">
        {label}
        <span className="text-dim">{isList ? `[${items.length}]` : `{${items.length}}`}</span>
      </summary>
      {marked ? <Untrusted>{below}</Untrusted> : below}
    </details>
  );
}

function Leaf({ value }: { value: Json }): ReactNode {
  if (value === null) return <span className="text-dim">null</span>;
  if (typeof value === "string") return <Text text={value} />;
  return <span className="text-blue">{isExactNumber(value) || typeof value !== "object" ? String(value) : JSON.stringify(value)}</span>;
}

/** More than this takes a browser long to lay out: it is folded until somebody wants it. */
const most = 200;
const mostText = 20_000;

function Text({ text }: { text: string }) {
  const [whole, setWhole] = useState(text.length <= mostText);
  if (text.length <= 200 && !text.includes("\n")) return <span className="break-words whitespace-pre-wrap text-green">{text === "" ? "“”" : text}</span>;
  return (
    <span className="block max-w-[80ch] border-l-2 border-line pl-2 break-words whitespace-pre-wrap text-green">
      {whole ? text : text.slice(0, mostText)}
      {!whole && <Unfold open={() => setWhole(true)}>… {count(text.length - mostText)} more characters: show all</Unfold>}
    </span>
  );
}

function Unfold({ open, children }: { open: () => void; children: ReactNode }) {
  return (
    <button type="button" onClick={open} className="min-h-7 rounded border border-edge px-1.5 font-sans font-medium text-ink hover:bg-sunken">
      {children}
    </button>
  );
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
