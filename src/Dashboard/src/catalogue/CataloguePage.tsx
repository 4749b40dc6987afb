import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { Playbook, RoleDescriptor, ToolDescriptor } from "../api/catalogue";
import { get } from "../api/client";
import { shelves } from "../app/router";
import { Page } from "../parts/Page";
import { Empty, Failure, Skeleton } from "../parts/States";
import { PlaybookSheet, RoleSheet, ToolSheet } from "./Sheets";

const route = getRouteApi("/catalogue");
const names = { roles: "Roles", tools: "Tools", playbooks: "Playbooks" } as const;
const notes = { roles: "who agents can be", tools: "what they may use", playbooks: "plans that are given" } as const;

type Item = { readonly of: "roles"; readonly item: RoleDescriptor } | { readonly of: "tools"; readonly item: ToolDescriptor } | { readonly of: "playbooks"; readonly item: Playbook };

/** What plans may refer to. Read only: it comes from files beside the server. */
export function CataloguePage() {
  const { shelf = "roles", name } = route.useSearch();
  const list = useQuery({ queryKey: [shelf], queryFn: ({ signal }) => get<readonly { readonly name: string }[]>(`/v1/${shelf}`, undefined, signal), staleTime: 60_000 });
  const shown = list.data?.find((i) => i.name === name) ?? list.data?.[0];
  return (
    <Page title="Catalogue" note={notes[shelf]}>
      <nav aria-label="Shelves" className="mb-4 border-b border-line">
        <ul className="flex">
          {shelves.map((s) => (
            <li key={s}>
              <Link
                to="/catalogue"
                search={{ shelf: s }}
                activeProps={{}}
                aria-current={s === shelf ? "page" : undefined}
                className={`flex h-10 items-center border-b-2 px-3 font-medium ${s === shelf ? "border-accent text-accent" : "border-transparent text-dim hover:text-ink"}`}
              >
                {names[s]}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {list.isPending ? (
        <div className="panel">
          <Skeleton rows={10} />
        </div>
      ) : list.isError ? (
        <div className="panel">
          <Failure what={`The ${shelf} cannot be listed`} error={list.error} retry={() => void list.refetch()} />
        </div>
      ) : !shown ? (
        <div className="panel">
          <Empty title={`There are no ${shelf}`}>They are YAML files beside the server. The README shows how one is written.</Empty>
        </div>
      ) : (
        <div className="grid items-start gap-4 md:grid-cols-[14rem_minmax(0,1fr)]">
          <nav aria-label={names[shelf]} className="panel max-h-60 overflow-y-auto p-2 md:max-h-[80dvh]">
            <ul>
              {list.data.map((i) => (
                <li key={i.name}>
                  <Link
                    to="/catalogue"
                    search={{ shelf, name: i.name }}
                    replace
                    activeProps={{}}
                    aria-current={i === shown ? "true" : undefined}
                    className={`block truncate rounded px-2 py-1.5 font-mono text-xs ${i === shown ? "bg-accent-soft text-accent" : "hover:bg-sunken"}`}
                  >
                    {i.name}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <Sheet of={shelf} item={shown as never} />
        </div>
      )}
    </Page>
  );
}

function Sheet({ of, item }: Item) {
  switch (of) {
    case "roles":
      return <RoleSheet role={item} />;
    case "tools":
      return <ToolSheet tool={item} />;
    case "playbooks":
      return <PlaybookSheet playbook={item} />;
  }
}
