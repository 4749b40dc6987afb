import { useEffect, useRef, useState } from "react";
import type { Layout, LayoutRequest } from "./layout";

type Graph = Omit<LayoutRequest, "id">;

/** Places for a graph's nodes, found beside the page's own thread. The last ones stay until the new ones are there. */
export function useLayout(graph: Graph): Layout["places"] | undefined {
  const [places, setPlaces] = useState<Layout["places"]>();
  const worker = useRef<Worker>(undefined);
  const asked = useRef(0);
  // Steps change their state all the time; the graph's shape seldom.
  const shape = JSON.stringify(graph);

  useEffect(() => {
    const own = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    own.onmessage = (message: MessageEvent<Layout>) => message.data.id === asked.current && setPlaces(message.data.places);
    worker.current = own;
    return () => own.terminate();
  }, []);

  useEffect(() => {
    asked.current++;
    worker.current?.postMessage({ id: asked.current, ...(JSON.parse(shape) as Graph) });
  }, [shape]);

  return places;
}
