import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Suspense, useState, useSyncExternalStore } from "react";
import { session } from "../api/session";
import { useOpenApprovals } from "../approvals/useApprovals";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { Icon, type IconName } from "../parts/Icon";
import { Skeleton } from "../parts/States";
import { Account } from "./Account";
import { KeyPrompt } from "./KeyPrompt";
import { ThemeChoice } from "./ThemeChoice";

const places = [
  { to: "/goals", icon: "goals", name: "Goals" },
  { to: "/approvals", icon: "approvals", name: "Approvals" },
  { to: "/activity", icon: "activity", name: "Activity" },
  { to: "/knowledge", icon: "knowledge", name: "Knowledge" },
  { to: "/catalogue", icon: "catalogue", name: "Catalogue" },
  { to: "/usage", icon: "usage", name: "Usage" },
  { to: "/keys", icon: "keys", name: "Keys" },
] as const satisfies readonly { to: string; icon: IconName; name: string }[];

/** What is around every page: the way to the others, who is logged in, light or dark. */
export function Shell() {
  const keyWanted = useSyncExternalStore(session.subscribe, () => session.keyWanted);
  const path = useRouterState({ select: (s) => s.location.pathname });
  const [menuOn, setMenuOn] = useState<string>();
  if (keyWanted) return <KeyPrompt />;
  return (
    <div className="flex min-h-dvh flex-col md:flex-row">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded focus:bg-panel focus:p-2">
        Skip to the page
      </a>
      <header className="sticky top-0 z-20 flex h-13 items-center gap-2 border-b border-line bg-panel px-3 md:hidden">
        <Button look="quiet" icon="menu" label="Menu" onClick={() => setMenuOn(path)} />
        <Brand />
      </header>
      {menuOn === path && (
        <Dialog title="Menu" close={() => setMenuOn(undefined)}>
          <Places label="Menu" />
          <Below />
        </Dialog>
      )}
      <aside className="sticky top-0 hidden h-dvh w-52 shrink-0 flex-col border-r border-line bg-panel p-3 md:flex">
        <div className="mb-4 px-2">
          <Brand />
        </div>
        <Places label="Main" />
        <div className="mt-auto">
          <Below />
        </div>
      </aside>
      <main id="main" tabIndex={-1} className="min-w-0 flex-1 p-3 outline-none sm:p-5">
        <Suspense fallback={<Skeleton />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}

function Brand() {
  return (
    <Link to="/goals" className="flex items-center gap-2 text-base font-semibold tracking-tight">
      <img src="/icon.svg" alt="" width={24} height={24} />
      AgentMesh
    </Link>
  );
}

function Places({ label }: { label: string }) {
  const open = useOpenApprovals().data?.length ?? 0;
  return (
    <nav aria-label={label}>
      <ul className="flex flex-col gap-0.5">
        {places.map(({ to, icon, name }) => (
          <li key={to}>
            <Link
              to={to}
              className="flex h-9 items-center gap-2.5 rounded-md px-2.5 font-medium text-dim hover:bg-sunken hover:text-ink"
              activeProps={{ className: "bg-accent-soft !text-accent", "aria-current": "page" }}
            >
              <Icon name={icon} />
              {name}
              {name === "Approvals" && open > 0 && (
                <span className="ml-auto rounded-full bg-amber-soft px-1.5 text-xs font-semibold text-amber tabular-nums">
                  {open > 99 ? "99+" : open}
                  <span className="sr-only"> open</span>
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Below() {
  return (
    <div className="mt-3 flex flex-col gap-2 border-t border-line pt-3">
      <Account />
      <ThemeChoice />
    </div>
  );
}
