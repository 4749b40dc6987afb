import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useShownTheme } from "../app/theme";
import { decimal, secondTime } from "../parts/format";
import type { Series } from "./sums";

interface Props {
  readonly title: string;
  readonly unit: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
}

const height = 150;
const inks = ["--accent", "--blue", "--violet", "--amber", "--green", "--red"];

/** A chart of the window's history, with what it says in words for who does not see it. */
export default function Chart({ title, unit, times, series }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const theme = useShownTheme();
  const names = series.map((s) => s.name).join("\n");

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const style = getComputedStyle(document.documentElement);
    const ink = (name: string) => style.getPropertyValue(name).trim();
    const axis = { stroke: ink("--dim"), grid: { stroke: ink("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height,
        padding: [8, 32, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { size: 6 } },
        scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
        axes: [
          { ...axis, space: 60, size: 28, values: (_, ticks) => ticks.map((t) => secondTime(t * 1000)) },
          { ...axis, size: 46, values: (_, ticks) => ticks.map((t) => (t >= 10_000 ? `${decimal(t / 1000, 0)}k` : decimal(t, 2))) },
        ],
        series: [{}, ...names.split("\n").map((label, n) => ({ label, stroke: ink(inks[n % inks.length]!), width: 1.5, points: { show: false } }))],
      },
      [[], ...names.split("\n").map(() => [])],
      element,
    );
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
  }, [names, theme]);

  useEffect(() => {
    plot.current?.setData([times as number[], ...series.map((s) => times.map((_, n) => s.values[s.values.length - times.length + n] ?? null))]);
  }, [times, series, names, theme]);

  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <span className="font-medium">
          {title} <span className="font-normal text-dim">{unit}</span>
        </span>
        {series.map((s, n) => (
          <span key={s.name} className="flex items-center gap-1 text-xs text-dim">
            <span className="inline-block h-0.5 w-3" style={{ background: `var(${inks[n % inks.length]})` }} />
            {s.name} <span className="text-ink tabular-nums">{decimal(s.values.at(-1) ?? 0, 2)}</span>
          </span>
        ))}
      </figcaption>
      <div ref={box} aria-hidden="true" className="min-w-0 overflow-hidden" style={{ height }} />
    </figure>
  );
}
