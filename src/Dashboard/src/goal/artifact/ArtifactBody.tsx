import { useState } from "react";
import type { Json } from "../../api/types";
import { Button } from "../../parts/Button";
import { plural } from "../../parts/format";
import { JsonView } from "../../parts/JsonView";
import { Markdown } from "../../parts/Markdown";
import { Fact, Facts } from "../../parts/Page";
import { type Email, type Passage, shapeOf, type TableData } from "./shapes";

/** A value as people read such values. Everything is text here: nothing of it is run, followed or fetched. */
export function ArtifactBody({ value }: { value: Json }) {
  const [raw, setRaw] = useState(false);
  const shape = shapeOf(value);
  return (
    <div className="min-w-0">
      {raw || shape.is === "json" ? <JsonView value={value} /> : <Shaped value={value} />}
      {shape.is !== "json" && (
        <Button look="quiet" className="mt-2 -ml-3 text-xs text-dim" aria-pressed={raw} onClick={() => setRaw(!raw)}>
          {raw ? "Show it readable" : "Show the JSON"}
        </Button>
      )}
    </div>
  );
}

function Shaped({ value }: { value: Json }) {
  const shape = shapeOf(value);
  switch (shape.is) {
    case "email":
      return <EmailView email={shape.email} />;
    case "table":
      return <TableView table={shape.table} />;
    case "passages":
      return <PassagesView query={shape.query} passages={shape.passages} />;
    case "text":
      return (
        <div className="flex flex-col gap-3">
          {shape.title && <p className="font-semibold">{shape.title}</p>}
          <Markdown text={shape.text} />
          {shape.rest !== undefined && (
            <details>
              <summary className="text-dim">More of it</summary>
              <div className="mt-1">
                <JsonView value={shape.rest} />
              </div>
            </details>
          )}
        </div>
      );
    default:
      return <JsonView value={shape.value} />;
  }
}

function EmailView({ email }: { email: Email }) {
  return (
    <div className="flex flex-col gap-3">
      <Facts>
        <Fact name="From">{email.from}</Fact>
        <Fact name="To">{email.to.join(", ") || "–"}</Fact>
        <Fact name="Subject">
          <strong>{email.subject}</strong>
        </Fact>
        {email.date && <Fact name="Date">{email.date}</Fact>}
        {email.attachments.length > 0 && <Fact name="Attached">{email.attachments.join(", ")}</Fact>}
      </Facts>
      <p className="max-w-prose border-t border-line pt-3 break-words whitespace-pre-wrap">{email.text}</p>
      {email.quoted && (
        <details>
          <summary className="text-dim">What it quotes</summary>
          <p className="mt-1 max-w-prose border-l-2 border-line pl-3 break-words whitespace-pre-wrap text-dim">{email.quoted}</p>
        </details>
      )}
    </div>
  );
}

const mostRows = 200;

function TableView({ table }: { table: TableData }) {
  const [all, setAll] = useState(false);
  const rows = all ? table.rows : table.rows.slice(0, mostRows);
  return (
    <>
      <div className="max-h-[32rem] overflow-auto rounded-md border border-line" tabIndex={0} role="group" aria-label="Table">
        <table className="border-collapse text-left">
          <thead className="sticky top-0 bg-sunken">
            <tr>
              {table.columns.map((c, n) => (
                <th key={n} scope="col" className="px-3 py-1.5 font-medium whitespace-nowrap">
                  {c}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, n) => (
              <tr key={n} className="border-t border-line">
                {row.map((text, at) => (
                  <td key={at} className={`px-3 py-1 align-top ${/^[-+]?[\d.,]+%?$/.test(text) ? "text-right tabular-nums" : ""}`}>
                    {text}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length < table.rows.length && (
        <Button className="mt-2" onClick={() => setAll(true)}>
          Show all {plural(table.rows.length, "row")}
        </Button>
      )}
    </>
  );
}

function PassagesView({ query, passages }: { query: string; passages: readonly Passage[] }) {
  return (
    <div className="flex flex-col gap-3">
      {query && (
        <p className="text-dim">
          Looked for: <q>{query}</q>
        </p>
      )}
      {passages.length === 0 && <p>Nothing was found.</p>}
      <ol className="flex flex-col gap-3">
        {passages.map((p, n) => (
          <li key={n} className="border-l-2 border-accent pl-3">
            <p className="font-medium">
              {p.title}{" "}
              <span className="font-mono text-xs font-normal text-dim">
                {p.document} [{p.start}–{p.end}]{p.score !== undefined && ` · ${p.score.toFixed(2)}`}
              </span>
            </p>
            <Markdown text={p.text} />
          </li>
        ))}
      </ol>
    </div>
  );
}
