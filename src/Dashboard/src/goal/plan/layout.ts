import dagre from "@dagrejs/dagre";

/** What the layout needs to know of a graph, and what it finds. Top left corners, in pixels. */
export interface LayoutRequest {
  readonly id: number;
  readonly direction: "LR" | "TB";
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

export interface Layout {
  readonly id: number;
  readonly places: Readonly<Record<string, { readonly x: number; readonly y: number }>>;
}

export function layOut({ id, direction, nodes, edges }: LayoutRequest): Layout {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: direction, nodesep: 18, ranksep: 40, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id: node, width, height } of nodes) graph.setNode(node, { width, height });
  for (const { from, to } of edges) graph.setEdge(from, to);
  dagre.layout(graph);
  const places: Record<string, { x: number; y: number }> = {};
  for (const { id: node, width, height } of nodes) {
    const { x = 0, y = 0 } = graph.node(node);
    places[node] = { x: x - width / 2, y: y - height / 2 };
  }
  return { id, places };
}
