import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { useShownTheme } from "../../app/theme";
import type { Span, SpanKind } from "../../journal/spans";
import { around, clamp, type Range } from "./range";

interface Props {
  readonly spans: readonly Span[];
  readonly whole: Range;
  readonly range: Range;
  readonly zoom: (range: Range | undefined) => void;
}

const height = 44;
const lanes: readonly SpanKind[] = ["plan", "step", "wait", "model", "tool"];
const colours: Partial<Record<SpanKind, string>> = { plan: "--violet", step: "--accent", wait: "--amber", model: "--blue", tool: "--green" };

/** All of the time in a strip, drawn at once; drag across it, or use the arrow keys with + and -, to look closer. */
export function TimelineOverview({ spans, whole, range, zoom }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useShownTheme();
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const [size, setSize] = useState(0);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const watch = new ResizeObserver(([entry]) => setSize(entry?.contentRect.width ?? 0));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  useEffect(() => {
    if (canvas.current && size > 0) draw(canvas.current, size, spans, whole);
  }, [spans, whole.start, whole.end, size, theme]);

  const timeAt = (e: PointerEvent<HTMLElement>) => {
    const box = e.currentTarget.getBoundingClientRect();
    return whole.start + ((e.clientX - box.left) / box.width) * (whole.end - whole.start);
  };
  const share = (time: number) => ((time - whole.start) / (whole.end - whole.start)) * 100;
  const shown = drag ? { start: Math.min(drag.from, drag.to), end: Math.max(drag.from, drag.to) } : range;

  const keyed = (e: KeyboardEvent) => {
    const width = range.end - range.start;
    const middle = (range.start + range.end) / 2;
    const next =
      e.key === "+" || e.key === "=" ? around(middle, width / 2, whole)
      : e.key === "-" ? around(middle, width * 2, whole)
      : e.key === "ArrowLeft" ? around(middle - width / 4, width, whole)
      : e.key === "ArrowRight" ? around(middle + width / 4, width, whole)
      : undefined;
    if (!next) return;
    e.preventDefault();
    zoom(next.end - next.start >= whole.end - whole.start ? undefined : next);
  };

  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label="Time shown"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share(range.start))}
      aria-valuetext={`${Math.round(share(range.start))} to ${Math.round(share(range.end))} per cent; + and - zoom`}
      className="relative cursor-crosshair touch-none border-b border-line bg-sunken select-none"
      onKeyDown={keyed}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        setDrag({ from: timeAt(e), to: timeAt(e) });
      }}
      onPointerMove={(e) => drag && setDrag({ from: drag.from, to: timeAt(e) })}
      onPointerUp={() => {
        if (drag) zoom(shown.end - shown.start < (whole.end - whole.start) / 500 ? undefined : clamp(shown, whole));
        setDrag(undefined);
      }}
    >
      <canvas ref={canvas} className="block w-full" style={{ height }} />
      <div className="pointer-events-none absolute inset-y-0 border-x-2 border-accent bg-accent/15" style={{ left: `${share(shown.start)}%`, width: `${share(shown.end) - share(shown.start)}%` }} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, width: number, spans: readonly Span[], whole: Range) {
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  const lane = (height - 8) / lanes.length;
  const perMs = width / (whole.end - whole.start);
  for (const kind of lanes) {
    pen.fillStyle = style.getPropertyValue(colours[kind] ?? "--grey");
    const y = 4 + lanes.indexOf(kind) * lane;
    for (const span of spans) {
      if (span.kind !== kind) continue;
      const x = (span.start - whole.start) * perMs;
      pen.fillRect(x, y, Math.max(1, ((span.end ?? whole.end) - span.start) * perMs), lane - 2);
    }
  }
}
