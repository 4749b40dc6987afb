import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { get, open, segment } from "../../api/client";
import type { Artifact } from "../../api/types";
import { Button } from "../../parts/Button";
import { bytes } from "../../parts/format";
import { Complaint, Failure, Skeleton } from "../../parts/States";
import { Badge, type Colour } from "../../parts/StatusBadge";
import { ArtifactBody } from "./ArtifactBody";

const trusts: Record<NonNullable<Artifact["trust"]>, { colour: Colour; text: string }> = {
  Untrusted: { colour: "amber", text: "untrusted" },
  User: { colour: "blue", text: "from the submitter" },
  Trusted: { colour: "green", text: "trusted" },
};

export function ArtifactCard({ goal, artifact }: { goal: string; artifact: Artifact }) {
  const trust = trusts[artifact.trust ?? "Untrusted"];
  return (
    <article className="min-w-0 rounded-md border border-line">
      <header className="flex flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-sunken px-3 py-1.5">
        <h3 className="font-semibold">{artifact.kind}</h3>
        <span className="font-mono text-xs text-dim">{artifact.id}</span>
        {artifact.origin.source && <span className="min-w-0 truncate text-dim">{artifact.origin.source}</span>}
        <span className="ml-auto flex flex-wrap items-center gap-2">
          {artifact.origin.step && (
            <Link to="/goals/$goal" params={{ goal }} search={(s) => ({ ...s, tab: "plan" as const, step: artifact.origin.step })} className="text-xs text-accent underline">
              step {artifact.origin.step}
            </Link>
          )}
          {artifact.origin.tier && <span className="text-xs text-dim">by {artifact.origin.tier}</span>}
          <Badge colour={trust.colour} text={trust.text} />
          <Download goal={goal} artifact={artifact} />
        </span>
      </header>
      <div className="p-3">{artifact.value === undefined ? <Fetched goal={goal} artifact={artifact} /> : <ArtifactBody value={artifact.value} />}</div>
    </article>
  );
}

/** A value that is too large for the journal is asked for when it is looked at. */
function Fetched({ goal, artifact }: { goal: string; artifact: Artifact }) {
  const whole = useQuery({
    queryKey: ["artifact", goal, artifact.id],
    queryFn: ({ signal }) => get<Artifact>(`/v1/goals/${segment(goal)}/artifacts/${segment(artifact.id)}`, undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (whole.isPending) return <Skeleton rows={4} />;
  if (whole.isError) return <Failure what="Its value cannot be shown" error={whole.error} retry={() => void whole.refetch()} />;
  if (whole.data.value === undefined) return <p className="text-dim">Its value has {bytes(artifact.content?.bytes ?? 0)}: too much to show here. Download it.</p>;
  return <ArtifactBody value={whole.data.value} />;
}

/** By fetch and not by a link, so that the API key goes along. */
function Download({ goal, artifact }: { goal: string; artifact: Artifact }) {
  const [error, setError] = useState<unknown>();
  async function save() {
    setError(undefined);
    try {
      const response = await open(`/v1/goals/${segment(goal)}/artifacts/${segment(artifact.id)}/raw`);
      const url = URL.createObjectURL(await response.blob());
      const link = document.createElement("a");
      link.href = url;
      link.download = artifact.raw ? (artifact.origin.source ?? artifact.id) : `${artifact.id}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (problem) {
      setError(problem);
    }
  }
  return (
    <>
      <Button look="quiet" className="h-7 px-2 text-xs" onClick={() => void save()} aria-label={`Download ${artifact.origin.source ?? artifact.id}`}>
        Download
      </Button>
      <Complaint error={error} />
    </>
  );
}
