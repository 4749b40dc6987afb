import { Background, Controls, type Edge, Handle, MarkerType, type Node, type NodeProps, Position, ReactFlow, useReactFlow, useNodesInitialized } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { createContext, memo, useContext, useEffect, useMemo, useState } from "react";
import { useShownTheme } from "../../app/theme";
import { parseTime } from "../../journal/time";
import { duration } from "../../parts/format";
import { Icon } from "../../parts/Icon";
import { type Colour, statusLooks } from "../../parts/StatusBadge";
import { useNow } from "../../parts/Time";
import type { InputBox, PlanShape, StepBox } from "./graph";
import { useLayout } from "./useLayout";
import "./graph.css";

interface Props {
  readonly label: string;
  readonly shape: PlanShape;
  readonly selected?: string;
  readonly select?: (step: string) => void;
}

type StepNode = Node<{ box: StepBox }, "step">;
type InputNode = Node<{ box: InputBox }, "submitted">;

/** Beside the nodes and not in them: choosing one must not make all of them anew. */
const Chosen = createContext<string | undefined>(undefined);

const fit = { padding: 0.1, maxZoom: 1 };

/** A phone has more room below than beside. */
const isNarrow = matchMedia("(max-width: 640px)").matches;
const direction: "TB" | "LR" = isNarrow ? "TB" : "LR";
const [into, outOf] = isNarrow ? [Position.Top, Position.Bottom] : [Position.Left, Position.Right];

/** More boxes than this are drawn only where they are in sight. */
const large = 150;
const sizes = { step: { width: 200, height: 82 }, input: { width: 168, height: 40 } } as const;

export function PlanGraph({ label, shape, selected, select }: Props) {
  const theme = useShownTheme();
  const graph = useMemo(
    () => ({ direction, nodes: shape.boxes.map((b) => ({ id: b.id, ...sizes[b.kind] })), edges: shape.edges.map(({ from, to }) => ({ from, to })) }),
    [shape],
  );
  const places = useLayout(graph);
  const [focus] = useState(() => inFocus(shape, selected));
  const isLarge = shape.boxes.length > large;
  const nodes = useMemo(
    () =>
      shape.boxes.flatMap((box): (StepNode | InputNode)[] => {
        const position = places?.[box.id];
        if (!position) return [];
        const common = { id: box.id, position, ...sizes[box.kind], draggable: false, connectable: false };
        return box.kind === "step"
          ? [{ ...common, type: "step", data: { box }, ariaLabel: describe(box) }]
          : [{ ...common, type: "submitted", data: { box }, selectable: false, ariaLabel: `submitted: ${box.artifact.origin.source ?? box.id}` }];
      }),
    [shape, places],
  );
  const edges = useMemo(
    () =>
      shape.edges.map(
        ({ from, to, spawned }): Edge => ({
          id: `${from}>${to}`,
          source: from,
          target: to,
          focusable: false,
          className: spawned ? "spawned" : undefined,
          markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 },
        }),
      ),
    [shape],
  );
  return (
    <div role="group" aria-label={label} className="h-full w-full">
      <Chosen value={selected}>
        {places && (
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            colorMode={theme}
            onNodesChange={(changes) => changes.forEach((c) => c.type === "select" && c.selected && select?.(c.id))}
            fitView={!isLarge}
            fitViewOptions={fit}
            minZoom={isLarge ? 0.3 : 0.1}
            maxZoom={1.5}
            onlyRenderVisibleElements={isLarge}
            nodesConnectable={false}
            nodesDraggable={false}
            zoomOnScroll={false}
            preventScrolling={false}
            panOnScroll={false}
          >
            <Background gap={20} />
            <Controls showInteractive={false} showFitView={!isLarge} />
            <KeepInView count={nodes.length} nodes={isLarge ? focus : undefined} />
          </ReactFlow>
        )}
      </Chosen>
    </div>
  );
}

/** A plan that grew is shown whole again; of a large one what is chosen, what runs, or its beginning. */
function KeepInView({ count, nodes }: { count: number; nodes?: readonly string[] }) {
  const flow = useReactFlow();
  const ready = useNodesInitialized();
  const some = nodes?.join("\n");
  useEffect(() => {
    if (some !== undefined) void flow.fitView({ ...fit, nodes: some.split("\n").map((id) => ({ id })) });
    else if (ready) void flow.fitView(fit);
  }, [count, ready, some, flow]);
  return null;
}

function inFocus({ boxes }: PlanShape, selected: string | undefined): string[] {
  if (selected !== undefined && boxes.some((b) => b.id === selected)) return [selected];
  const busy = boxes.filter((b) => b.kind === "step" && b.view && b.view.status !== "Pending" && !b.view.endedAt);
  return (busy.length > 0 ? busy : boxes).slice(0, 12).map((b) => b.id);
}

const borders: Record<Colour, string> = { blue: "border-l-blue", amber: "border-l-amber", green: "border-l-green", red: "border-l-red", violet: "border-l-violet", grey: "border-l-grey" };
const texts: Record<Colour, string> = { blue: "text-blue", amber: "text-amber", green: "text-green", red: "text-red", violet: "text-violet", grey: "text-grey" };

const StepCard = memo(function StepCard({ data: { box } }: NodeProps<StepNode>) {
  const chosen = useContext(Chosen) === box.id;
  const { step, view, change } = box;
  const look = statusLooks[view?.status ?? "Pending"];
  const agent = numberOf(view?.agent);
  return (
    <div className={`h-full rounded-md border border-l-4 bg-panel px-2.5 py-1.5 text-left text-xs leading-snug ${borders[look.colour]} ${chosen ? "border-accent ring-2 ring-accent" : "border-edge"} ${change === "dropped" ? "border-dashed" : ""}`}>
      <Handle type="target" position={into} isConnectable={false} />
      <div className="flex items-center gap-1.5">
        <span className={texts[look.colour]}>
          <Icon name={look.icon} size={13} />
        </span>
        <strong className="min-w-0 flex-1 truncate text-[13px]">{step.id}</strong>
        {change && change !== "same" && <ChangeMark change={change} />}
        {view && view.attempts > 1 && <span className="rounded bg-amber-soft px-1 text-amber">try {view.attempts}</span>}
      </div>
      <div className="truncate text-dim" title={view?.agent}>
        {step.role}
        {agent && ` ${agent}`} → {step.produces}
      </div>
      <div className="truncate" title={step.instruction}>
        {step.instruction}
      </div>
      <div className="flex justify-between gap-2 text-dim tabular-nums">
        <span className="truncate">
          {look.word}
          {view?.tier && ` · ${view.tier}`}
        </span>
        <span>{view?.startedAt && <Took start={view.startedAt} end={view.endedAt} />}</span>
      </div>
      <Handle type="source" position={outOf} isConnectable={false} />
    </div>
  );
});

const InputCard = memo(function InputCard({ data: { box } }: NodeProps<InputNode>) {
  return (
    <div className="flex h-full items-center gap-2 rounded-full border border-edge bg-sunken px-3 text-xs">
      <Icon name="file" size={14} />
      <span className="min-w-0 truncate">{box.artifact.origin.source ?? box.artifact.kind}</span>
      <Handle type="source" position={outOf} isConnectable={false} />
    </div>
  );
});

/** Which of its role an agent is: `#2` of `goal/worker/2`. The role stands beside it. */
const numberOf = (agent: string | undefined): string | undefined => agent && `#${agent.slice(agent.lastIndexOf("/") + 1)}`;

const nodeTypes = { step: StepCard, submitted: InputCard };

export function ChangeMark({ change }: { change: "changed" | "added" | "dropped" }) {
  const look = { added: "bg-green-soft text-green", changed: "bg-amber-soft text-amber", dropped: "bg-red-soft text-red" }[change];
  return <span className={`rounded px-1 text-xs font-medium ${look}`}>{change}</span>;
}

function Took({ start, end }: { start: string; end?: string }) {
  const now = useNow(end === undefined);
  return <>{duration(Math.max(0, (end === undefined ? now : parseTime(end)) - parseTime(start)))}</>;
}

const describe = ({ step, view, change }: StepBox): string =>
  [step.id, `${step.role} ${numberOf(view?.agent) ?? ""}`.trim(), statusLooks[view?.status ?? "Pending"].word, view && view.attempts > 1 ? `attempt ${view.attempts}` : "", change && change !== "same" ? change : ""].filter(Boolean).join(", ");
