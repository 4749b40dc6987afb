import { useState } from "react";
import { linesOf, remember, type Sample } from "./recent";

/** The history, from when this page was opened, of what the server says only of the present; begun anew where something else is looked at. */
export function useRecent(of: string, window: number, time: number, values: ReadonlyMap<string, number>) {
  const [known, setKnown] = useState<{ readonly of: string; readonly samples: readonly Sample[] }>({ of, samples: [] });
  const samples = remember(known.of === of ? known.samples : [], { time, values }, window);
  if (known.of !== of || samples !== known.samples) setKnown({ of, samples });
  return linesOf(samples);
}
