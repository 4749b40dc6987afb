import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useCaller } from "../api/me";
import { session } from "../api/session";
import { Button } from "../parts/Button";

/** Who is asking, and the way out for who came with a key. */
export function Account() {
  const queries = useQueryClient();
  const hasKey = useSyncExternalStore(session.subscribe, () => session.key !== null);
  const { data: caller } = useCaller();
  return (
    <div className="flex min-h-10 items-center gap-2 px-1">
      <p className="min-w-0 flex-1 leading-tight">
        <span className="block truncate font-medium">{caller?.name ?? "…"}</span>
        <span className="block truncate text-xs text-dim">{caller ? `tenant ${caller.tenant}` : " "}</span>
      </p>
      {hasKey && (
        <Button
          look="quiet"
          onClick={() => {
            session.use(null);
            queries.clear();
            location.assign("/");
          }}
        >
          Sign out
        </Button>
      )}
    </div>
  );
}
