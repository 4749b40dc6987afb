import { useState } from "react";
import { linesOf, remember, type Sample } from "./recent";

const none: readonly Sample[] = [];

/** The history, from when this page was opened, of what the server says only of the present; begun anew where something else is looked at. No time: this is not yet of that. */
export function useRecent(of: string, window: number, time: number | undefined, values: ReadonlyMap<string, number>) {
  const [known, setKnown] = useState<{ readonly of: string; readonly samples: readonly Sample[] }>({ of, samples: [] });
  const before = known.of === of ? known.samples : none;
  const samples = time === undefined ? before : remember(before, { time, values }, window);
  if (known.of !== of || samples !== known.samples) setKnown({ of, samples });
  return linesOf(samples, window);
}
