import type { Clock } from "../standins/windmill/clock.ts";

/**
 * Time as a command under trial sees it: its waits pass at once, its time-outs pass when a fault says so, and the stand-in's
 * clock goes along with both, so that caches really end.
 */
export interface TimeOfTrial {
  /** Lets the time-out of a call pass. */
  expire(callId: string): void;
  /** Gives the machine's time back. */
  restore(): void;
}

/** The header by which a request that arrives is told from others that are like it. Windmill has no use for it. */
export const CALL_ID = "x-trial-call";

/** Milliseconds up to which a wait is not worth skipping. */
const SHORT_MS = 50;
/** Code of the bundle: only its own waits are skipped, not those of the stand-ins or of Node. */
const BUNDLE = "/src/";

/**
 * Takes over the process's time.
 *
 * @param onAnswered called after each answer that the command gets, before it sees it.
 */
export function takeOverTime(clock: Clock, onAnswered?: () => Promise<void>): TimeOfTrial {
  const { setTimeout: wait, fetch: send } = globalThis;
  const timeout = AbortSignal.timeout;
  const now = performance.now;
  const deadlines = new WeakMap<AbortSignal, () => void>();
  const calls = new Map<string, AbortSignal>();
  let skipped = 0;
  const pass = (ms: number): Promise<void> => {
    skipped += ms;
    return clock.advance(ms);
  };

  const skip = (task: () => void, ms = 0, ...rest: unknown[]) => {
    if (ms < SHORT_MS || !isOfBundle()) return wait(task, ms, ...rest);
    return wait(() => void pass(ms).then(task), 0);
  };
  globalThis.setTimeout = skip as typeof setTimeout;
  performance.now = () => now.call(performance) + skipped;
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    deadlines.set(controller.signal, () => {
      const late = new DOMException("The operation was aborted due to timeout", "TimeoutError");
      void pass(ms).then(() => controller.abort(late));
    });
    return controller.signal;
  };
  globalThis.fetch = async (input, init) => {
    const id = crypto.randomUUID();
    if (init?.signal) calls.set(id, init.signal);
    const headers = new Headers(init?.headers);
    headers.set(CALL_ID, id);
    try {
      return await send(input, { ...init, headers });
    } finally {
      await onAnswered?.();
    }
  };
  return {
    expire(callId) {
      const signal = calls.get(callId);
      const end = signal && deadlines.get(signal);
      if (!end) throw new Error("A call without a time-out was to time out.");
      end();
    },
    restore() {
      Object.assign(globalThis, { setTimeout: wait, fetch: send });
      AbortSignal.timeout = timeout;
      performance.now = now;
    },
  };
}

/** Whether the function that calls this one was called by code of the bundle. */
function isOfBundle(): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.stackTraceLimit = 3;
  Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getFileName() ?? "");
  const files = (new Error() as unknown as { stack: string[] }).stack;
  Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  return files[2]?.includes(BUNDLE) ?? false;
}
