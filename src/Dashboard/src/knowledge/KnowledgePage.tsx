import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useMemo, useState } from "react";
import type { KnowledgeEntry, Passage } from "../api/catalogue";
import { get } from "../api/client";
import { useMay } from "../api/me";
import { Button } from "../parts/Button";
import { count, plural } from "../parts/format";
import { Markdown } from "../parts/Markdown";
import { Page, Section } from "../parts/Page";
import { Empty, Failure, Skeleton } from "../parts/States";
import { Table } from "../parts/Table";
import { Ago } from "../parts/Time";
import { AddDocument } from "./AddDocument";

const route = getRouteApi("/knowledge");
const mostPassages = 10;
const mostRows = 500;

export function KnowledgePage() {
  const { collection, q } = route.useSearch();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const mayAdd = useMay("submitter");
  const documents = useQuery({ queryKey: ["knowledge"], queryFn: ({ signal }) => get<readonly KnowledgeEntry[]>("/v1/knowledge", undefined, signal) });
  const collections = useMemo(() => tally(documents.data ?? []), [documents.data]);
  const shown = (documents.data ?? []).filter((d) => collection === undefined || d.collection === collection);
  const add = mayAdd && (
    <Button look="primary" icon="plus" onClick={() => setAdding(true)}>
      Add a document
    </Button>
  );
  return (
    <Page title="Knowledge" note={documents.isSuccess && `${plural(documents.data.length, "document")} in ${plural(collections.length, "collection")}`} actions={add}>
      <div className="panel">
        {documents.isPending ? (
          <Skeleton />
        ) : documents.isError ? (
          <Failure what="The documents cannot be listed" error={documents.error} retry={() => void documents.refetch()} />
        ) : documents.data.length === 0 ? (
          <Empty title="No documents yet" action={add}>
            What is here agents may look up and quote. From a terminal: <code className="font-mono">agentmesh knowledge add FOLDER</code>
          </Empty>
        ) : (
          <div className="flex flex-wrap items-center gap-3 p-3">
            <SearchField key={q ?? ""} start={q ?? ""} search={(words) => void navigate({ to: "/knowledge", search: (s) => ({ ...s, q: words || undefined }) })} />
            <label className="flex items-center gap-2 text-dim">
              Collection
              <select className="field w-auto text-ink" value={collection ?? ""} onChange={(e) => void navigate({ to: "/knowledge", search: (s) => ({ ...s, collection: e.target.value || undefined }) })}>
                <option value="">all</option>
                {collections.map(([name, n]) => (
                  <option key={name} value={name}>
                    {name} ({n})
                  </option>
                ))}
              </select>
            </label>
          </div>
        )}
      </div>
      {q && (
        <div className="mt-4">
          <Found q={q} collection={collection} />
        </div>
      )}
      {shown.length > 0 && (
        <div className="mt-4">
          <Section title="Documents" flush>
            <Table
              label="Documents"
              rows={shown.slice(0, mostRows)}
              keyOf={(d) => `${d.collection}/${d.name}`}
              columns={[
                { title: "Document", cell: (d) => <strong className="font-medium">{d.title}</strong> },
                { title: "Name", cell: (d) => <span className="font-mono text-xs">{d.name}</span> },
                { title: "Collection", cell: (d) => d.collection },
                { title: "Characters", number: true, cell: (d) => count(d.characters) },
                { title: "Passages", number: true, cell: (d) => count(d.passages) },
                { title: "Added", cell: (d) => <Ago at={d.addedAt} /> },
              ]}
            />
            {shown.length > mostRows && <p className="p-3 text-dim">{count(shown.length - mostRows)} more; choose a collection or search.</p>}
          </Section>
        </div>
      )}
      {adding && <AddDocument collections={collections.map(([name]) => name)} close={() => setAdding(false)} />}
    </Page>
  );
}

function SearchField({ start, search }: { start: string; search: (words: string) => void }) {
  const [words, setWords] = useState(start);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    search(words.trim());
  };
  return (
    <form role="search" onSubmit={submit} className="flex min-w-64 flex-1 gap-2">
      <label className="flex-1">
        <span className="sr-only">Ask as an agent would</span>
        <input type="search" className="field" placeholder="Ask as an agent would" value={words} maxLength={2_000} onChange={(e) => setWords(e.target.value)} />
      </label>
      <Button type="submit" icon="search">
        Search
      </Button>
    </form>
  );
}

function Found({ q, collection }: { q: string; collection?: string }) {
  const found = useQuery({
    queryKey: ["knowledge-search", q, collection],
    queryFn: ({ signal }) => get<readonly Passage[]>("/v1/knowledge/search", { q, collection, limit: mostPassages }, signal),
  });
  return (
    <Section title={`Found for “${q}”`}>
      {found.isPending ? (
        <Skeleton />
      ) : found.isError ? (
        <Failure what="The search did not work" error={found.error} retry={() => void found.refetch()} />
      ) : found.data.length === 0 ? (
        <Empty title="No passage answers this">Try other words, or all collections.</Empty>
      ) : (
        <ol className="flex flex-col gap-4">
          {found.data.map((p) => (
            <li key={`${p.collection}/${p.document} ${p.start}`} className="border-l-2 border-accent pl-3">
              <p className="font-medium">
                {p.title}{" "}
                <span className="font-mono text-xs font-normal text-dim">
                  {p.collection}/{p.document} [{p.start}–{p.end}] · {p.score.toFixed(3)}
                </span>
              </p>
              <Markdown text={p.text} />
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

function tally(documents: readonly KnowledgeEntry[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { collection } of documents) counts.set(collection, (counts.get(collection) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
}
