import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { remove, segment } from "../api/client";
import { useCaller, useMay } from "../api/me";
import { parseTime } from "../journal/time";
import { Button } from "../parts/Button";
import { Chips } from "../parts/Chips";
import { Dialog } from "../parts/Dialog";
import { fullTime } from "../parts/format";
import { Page } from "../parts/Page";
import { Complaint, Empty, Failure, Skeleton } from "../parts/States";
import { Badge } from "../parts/StatusBadge";
import { Table } from "../parts/Table";
import { Ago, useNow } from "../parts/Time";
import { type KeyView, useKeys } from "./keys";
import { MakeKey } from "./MakeKey";

export function KeysPage() {
  const caller = useCaller();
  const may = useMay("admin");
  const keys = useKeys(caller.isSuccess && may);
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<KeyView>();
  const make = (
    <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
      Make a key
    </Button>
  );
  return (
    <Page title="Keys" note="who may call this server" actions={may && make}>
      <div className="panel overflow-hidden">
        {!may ? (
          <Empty title="Keys are for admins">Your key may not see or make keys. Ask an admin for what you need.</Empty>
        ) : keys.isPending ? (
          <Skeleton />
        ) : keys.isError ? (
          <Failure what="The keys cannot be listed" error={keys.error} retry={() => void keys.refetch()} />
        ) : keys.data.length === 0 ? (
          <Empty title="No keys yet" action={make}>
            A key is for one program or person: it says which tenant they are of and what they may do.
          </Empty>
        ) : (
          <Table
            label="Keys"
            rows={keys.data}
            keyOf={(k) => k.id}
            columns={[
              {
                title: "Name",
                cell: (k) => (
                  <>
                    <strong className="block font-medium">{k.name}</strong>
                    <span className="font-mono text-xs text-dim">am_{k.id}_…</span>
                  </>
                ),
              },
              { title: "Tenant", cell: (k) => k.tenant },
              { title: "Roles", cell: (k) => <Chips items={k.roles} /> },
              { title: "State", cell: (k) => <State of={k} /> },
              { title: "Last used", cell: (k) => (k.lastUsedAt ? <Ago at={k.lastUsedAt} /> : "never") },
              {
                title: "Made",
                cell: (k) => (
                  <>
                    <Ago at={k.createdAt} /> by {k.createdBy}
                  </>
                ),
              },
              {
                title: "Ends",
                cell: (k) =>
                  k.revokedAt ? (
                    "–"
                  ) : (
                    <Button look="danger" className="h-8" onClick={() => setEnding(k)} aria-label={`Revoke ${k.name}`}>
                      Revoke…
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </div>
      {making && <MakeKey tenant={caller.data?.tenant ?? "default"} close={() => setMaking(false)} />}
      {ending && <Revoke victim={ending} close={() => setEnding(undefined)} />}
    </Page>
  );
}

function State({ of: key }: { of: KeyView }) {
  const now = useNow(true);
  if (key.revokedAt) return <Badge colour="red" text="revoked" />;
  if (!key.expiresAt) return <Badge colour="green" text="until revoked" />;
  return parseTime(key.expiresAt) <= now ? <Badge colour="grey" text="expired" /> : <span className="whitespace-nowrap">until {fullTime(parseTime(key.expiresAt))}</span>;
}

function Revoke({ victim, close }: { victim: KeyView; close: () => void }) {
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>();
  async function revoke() {
    try {
      await remove(`/v1/keys/${segment(victim.id)}`);
      await queries.invalidateQueries({ queryKey: ["keys"] });
      close();
    } catch (problem) {
      setError(problem);
    }
  }
  return (
    <Dialog title={`Revoke ${victim.name}?`} close={close}>
      <p className="mb-4 max-w-prose">
        Who uses this key is refused from now on; it cannot be taken back. To rotate a key, make its successor first and revoke this one once nobody uses it
        {victim.lastUsedAt && (
          <>
            {" "}
            (it was last used <Ago at={victim.lastUsedAt} />)
          </>
        )}
        .
      </p>
      <Complaint error={error} />
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={close}>Keep it</Button>
        <Button look="danger" onClick={() => void revoke()}>
          Revoke
        </Button>
      </div>
    </Dialog>
  );
}
