import { Background, Controls, type Edge, Handle, MarkerType, type Node, type NodeProps, Position, ReactFlow, useReactFlow, useNodesInitialized } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { memo, useEffect, useMemo } from "react";
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

type StepNode = Node<{ box: StepBox; chosen: boolean }, "step">;
type InputNode = Node<{ box: InputBox }, "submitted">;

const sizes = { step: { width: 200, height: 82 }, input: { width: 168, height: 40 } } as const;

export function PlanGraph({ label, shape, selected, select }: Props) {
  const theme = useShownTheme();
  const graph = useMemo(
    () => ({ nodes: shape.boxes.map((b) => ({ id: b.id, ...sizes[b.kind] })), edges: shape.edges.map(({ from, to }) => ({ from, to })) }),
    [shape],
  );
  const places = useLayout(graph);
  const nodes = useMemo(
    () =>
      shape.boxes.flatMap((box): (StepNode | InputNode)[] => {
        const position = places?.[box.id];
        if (!position) return [];
        const common = { id: box.id, position, ...sizes[box.kind], draggable: false, connectable: false };
        return box.kind === "step"
          ? [{ ...common, type: "step", data: { box, chosen: box.id === selected }, ariaLabel: describe(box) }]
          : [{ ...common, type: "submitted", data: { box }, selectable: false, ariaLabel: `submitted: ${box.artifact.origin.source ?? box.id}` }];
      }),
    [shape, places, selected],
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
      {places && (
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          colorMode={theme}
          onNodeClick={(_, node) => node.type === "step" && select?.(node.id)}
          onNodesChange={(changes) => changes.forEach((c) => c.type === "select" && c.selected && select?.(c.id))}
          fitView
          fitViewOptions={{ padding: 0.1, maxZoom: 1 }}
          minZoom={0.05}
          maxZoom={1.5}
          onlyRenderVisibleElements={nodes.length > 150}
          nodesConnectable={false}
          nodesDraggable={false}
          zoomOnScroll={false}
          preventScrolling={false}
          panOnScroll={false}
        >
          <Background gap={20} />
          <Controls showInteractive={false} />
          <KeepInView count={nodes.length} />
        </ReactFlow>
      )}
    </div>
  );
}

/** A plan that grew is shown whole again. */
function KeepInView({ count }: { count: number }) {
  const flow = useReactFlow();
  const ready = useNodesInitialized();
  useEffect(() => {
    if (ready) void flow.fitView({ padding: 0.1, maxZoom: 1 });
  }, [count, ready, flow]);
  return null;
}

const borders: Record<Colour, string> = { blue: "border-l-blue", amber: "border-l-amber", green: "border-l-green", red: "border-l-red", violet: "border-l-violet", grey: "border-l-grey" };
const texts: Record<Colour, string> = { blue: "text-blue", amber: "text-amber", green: "text-green", red: "text-red", violet: "text-violet", grey: "text-grey" };

const StepCard = memo(function StepCard({ data: { box, chosen } }: NodeProps<StepNode>) {
  const { step, view, change } = box;
  const look = statusLooks[view?.status ?? "Pending"];
  return (
    <div className={`h-full rounded-md border border-l-4 bg-panel px-2.5 py-1.5 text-left text-xs leading-snug ${borders[look.colour]} ${chosen ? "border-accent ring-2 ring-accent" : "border-edge"} ${change === "dropped" ? "border-dashed" : ""}`}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <div className="flex items-center gap-1.5">
        <span className={texts[look.colour]}>
          <Icon name={look.icon} size={13} />
        </span>
        <strong className="min-w-0 flex-1 truncate text-[13px]">{step.id}</strong>
        {change && change !== "same" && <ChangeMark change={change} />}
        {view && view.attempts > 1 && <span className="rounded bg-amber-soft px-1 text-amber">try {view.attempts}</span>}
      </div>
      <div className="truncate text-dim">
        {step.role} → {step.produces}
      </div>
      <div className="truncate" title={step.instruction}>
        {step.instruction}
      </div>
      <div className="flex justify-between gap-2 text-dim tabular-nums">
        <span className="truncate">{view?.tier ?? look.word}</span>
        <span>{view?.startedAt && <Took start={view.startedAt} end={view.endedAt} />}</span>
      </div>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
});

const InputCard = memo(function InputCard({ data: { box } }: NodeProps<InputNode>) {
  return (
    <div className="flex h-full items-center gap-2 rounded-full border border-edge bg-sunken px-3 text-xs">
      <Icon name="file" size={14} />
      <span className="min-w-0 truncate">{box.artifact.origin.source ?? box.artifact.kind}</span>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
});

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
  [step.id, step.role, statusLooks[view?.status ?? "Pending"].word, view && view.attempts > 1 ? `attempt ${view.attempts}` : "", change && change !== "same" ? change : ""].filter(Boolean).join(", ");
