import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { type GoalStatus, goalStatuses } from "../api/types";
import { useMay } from "../api/me";
import { Button } from "../parts/Button";
import { Icon } from "../parts/Icon";
import { badgeColours, statusLooks } from "../parts/StatusBadge";
import type { GoalSearch } from "../app/router";

const route = getRouteApi("/goals");
const typingPause = 250;

/** The filters are the address: a link to this page shows the same goals to whoever opens it. */
export function GoalFilters() {
  const filters = route.useSearch();
  const navigate = useNavigate();
  const manyTenants = useMay("operator");
  const put = (change: GoalSearch) => void navigate({ to: "/goals", search: { ...filters, ...change }, replace: true });
  const toggle = (status: GoalStatus) => {
    const chosen = filters.status ?? [];
    put({ status: chosen.includes(status) ? chosen.filter((s) => s !== status) : [...chosen, status] });
  };
  return (
    <div role="search" aria-label="Filter the goals" className="mb-3 flex flex-wrap items-center gap-2">
      <TextFilter label="Words in the goal" value={filters.q ?? ""} put={(q) => put({ q: q || undefined })} grow />
      {manyTenants && <TextFilter label="Tenant" value={filters.tenant ?? ""} put={(tenant) => put({ tenant: tenant || undefined })} />}
      <div role="group" aria-label="Status" className="flex flex-wrap gap-1">
        {goalStatuses.map((status) => {
          const on = filters.status?.includes(status) ?? false;
          const look = statusLooks[status];
          return (
            <button
              key={status}
              type="button"
              aria-pressed={on}
              onClick={() => toggle(status)}
              className={`inline-flex h-8 items-center gap-1.5 rounded-full border px-2.5 text-xs font-medium ${on ? `border-current ${badgeColours[look.colour]}` : "border-line bg-panel text-dim hover:text-ink"}`}
            >
              <Icon name={look.icon} size={12} />
              {look.word}
            </button>
          );
        })}
      </div>
      {(filters.status || filters.tenant || filters.q) && (
        <Button look="quiet" icon="close" onClick={() => void navigate({ to: "/goals", search: {}, replace: true })}>
          Clear
        </Button>
      )}
    </div>
  );
}

function TextFilter({ label, value, put, grow }: { label: string; value: string; put: (text: string) => void; grow?: boolean }) {
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => put(text), typingPause);
    return () => clearTimeout(timer);
  });
  return (
    <label className={grow ? "min-w-48 flex-1 md:max-w-80" : "w-32"}>
      <span className="sr-only">{label}</span>
      <input type="search" className="field h-9" placeholder={label} value={text} maxLength={200} onChange={(e) => setText(e.target.value)} />
    </label>
  );
}
