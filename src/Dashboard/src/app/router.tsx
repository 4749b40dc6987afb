import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { type GoalStatus, goalStatuses } from "../api/types";
import { Skeleton } from "../parts/States";
import { BrokenPage, UnknownPage } from "./LostPages";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: UnknownPage, errorComponent: BrokenPage });

/** The filters of the list, as its address says them. */
export interface GoalSearch {
  readonly status?: readonly GoalStatus[];
  readonly tenant?: string;
  readonly q?: string;
}

export const goalTabs = ["overview", "plan", "timeline", "messages", "artifacts", "why", "journal"] as const;
export type GoalTab = (typeof goalTabs)[number];

export interface GoalPlace {
  readonly tab?: GoalTab;
  /** The journal's sequence that is shown; left out for the present. */
  readonly at?: number;
  readonly step?: string;
  readonly artifact?: string;
  readonly versions?: string;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/goals", replace: true });
  },
});

export const goalsRoute = createRoute({
  getParentRoute: () => root,
  path: "/goals",
  validateSearch: (search: Record<string, unknown>): GoalSearch => {
    const given = Array.isArray(search.status) ? search.status : [search.status];
    const status = goalStatuses.filter((s) => given.includes(s));
    return { ...(status.length > 0 && { status }), ...(text(search.tenant) && { tenant: text(search.tenant) }), ...(text(search.q) && { q: text(search.q) }) };
  },
  component: lazyRouteComponent(() => import("../goals/GoalsPage"), "GoalsPage"),
});

export const goalRoute = createRoute({
  getParentRoute: () => root,
  path: "/goals/$goal",
  validateSearch: (search: Record<string, unknown>): GoalPlace => {
    const at = Number(search.at);
    const tab = goalTabs.find((t) => t === search.tab);
    return {
      ...(tab && { tab }),
      ...(Number.isInteger(at) && at > 0 && { at }),
      ...(text(search.step) && { step: text(search.step) }),
      ...(text(search.artifact) && { artifact: text(search.artifact) }),
      ...(text(search.versions) && { versions: text(search.versions) }),
    };
  },
  component: lazyRouteComponent(() => import("../goal/GoalPage"), "GoalPage"),
});

const approvals = createRoute({
  getParentRoute: () => root,
  path: "/approvals",
  component: lazyRouteComponent(() => import("../approvals/ApprovalsPage"), "ApprovalsPage"),
});

export const activityWindows = [60, 300, 900, 3600] as const;

export const activityRoute = createRoute({
  getParentRoute: () => root,
  path: "/activity",
  validateSearch: (search: Record<string, unknown>): { window?: number; silo?: string } => {
    const window = activityWindows.find((w) => w === Number(search.window));
    return { ...(window && { window }), ...(text(search.silo) && { silo: text(search.silo) }) };
  },
  component: lazyRouteComponent(() => import("../activity/ActivityPage"), "ActivityPage"),
});

export const knowledgeRoute = createRoute({
  getParentRoute: () => root,
  path: "/knowledge",
  validateSearch: (search: Record<string, unknown>): { collection?: string; q?: string } => ({
    ...(text(search.collection) && { collection: text(search.collection) }),
    ...(text(search.q) && { q: text(search.q) }),
  }),
  component: lazyRouteComponent(() => import("../knowledge/KnowledgePage"), "KnowledgePage"),
});

export const shelves = ["roles", "tools", "playbooks"] as const;

export const catalogueRoute = createRoute({
  getParentRoute: () => root,
  path: "/catalogue",
  validateSearch: (search: Record<string, unknown>): { shelf?: (typeof shelves)[number]; name?: string } => {
    const shelf = shelves.find((s) => s === search.shelf);
    return { ...(shelf && { shelf }), ...(text(search.name) && { name: text(search.name) }) };
  },
  component: lazyRouteComponent(() => import("../catalogue/CataloguePage"), "CataloguePage"),
});

const usage = createRoute({ getParentRoute: () => root, path: "/usage", component: lazyRouteComponent(() => import("../usage/UsagePage"), "UsagePage") });
const keys = createRoute({ getParentRoute: () => root, path: "/keys", component: lazyRouteComponent(() => import("../keys/KeysPage"), "KeysPage") });

export const router = createRouter({
  routeTree: root.addChildren([home, goalsRoute, goalRoute, approvals, activityRoute, knowledgeRoute, catalogueRoute, usage, keys]),
  defaultPreload: "intent",
  defaultPendingComponent: () => <Skeleton />,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
