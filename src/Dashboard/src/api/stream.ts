import { ApiError, open } from "./client";

/** The server says something every 15 s, if only that it is there: a stream that is silent for three times as long is dead, whatever the browser believes. */
const mostSilence = 45_000;

export interface StreamOptions {
  readonly request?: typeof open;
  readonly silence?: number;
}

/** Takes what a stream of the server says, piece by piece, until it ends or `take` returns false. Who is silent for too long has broken off. */
export async function readStream(
  path: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  { begun, take }: { readonly begun?: (response: Response) => void; readonly take: (text: string) => boolean },
  { request = open, silence = mostSilence }: StreamOptions = {},
): Promise<void> {
  // The connection ends with this call, however it ends: a browser has few of them.
  const end = new AbortController();
  const stop = () => end.abort();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const response = await within(silence, request(path, { headers: { Accept: "text/event-stream", ...headers }, signal: end.signal }));
    begun?.(response);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    while (reader) {
      const { done, value } = await within(silence, reader.read());
      if (done || !take(value)) return;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silent = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new ApiError(0, "stream-silent", "The server has said nothing for a while; this page asks it again by itself.")), milliseconds);
  });
  try {
    return await Promise.race([promise, silent]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets something run while the tab is in sight; returns what ends it for good. */
export function whileSeen(run: (signal: AbortSignal) => void): () => void {
  let running: AbortController | undefined;
  const look = () => {
    if (document.visibilityState === "hidden") {
      running?.abort();
      running = undefined;
    } else if (!running) {
      running = new AbortController();
      run(running.signal);
    }
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    document.removeEventListener("visibilitychange", look);
    running?.abort();
  };
}
