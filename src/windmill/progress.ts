import { setProgress } from "windmill-client";

/** Milliseconds after which a run moves Windmill's progress bar: people look at a job page after about two seconds. */
const SHOW_AFTER_MS = 1_500;
const UPDATE_EVERY_MS = 1_000;

/** Tells people how far a run is: one short log line per step, and Windmill's progress bar when the run takes long. */
export interface Progress {
  /** Announces the next step; `share` is the part of the whole run that is done when it begins, 0 to 1. */
  step(text: string, share: number): void;
  /** Raises the share within a step, e.g. after each probe. Never lowers it. */
  reach(share: number): void;
  /** Stops moving the bar. Call it in a `finally`, or the job does not end. */
  end(): void;
}

/**
 * Starts to report. Short runs make no request for it; a request that fails is ignored, because a run must not fail for
 * its progress bar.
 *
 * @param log writes a line into the log of the run, through the door for it.
 */
export function startProgress(log: (line: string) => void): Progress {
  const started = performance.now();
  let share = 0;
  let shown = 0;
  const show = (): void => {
    const percent = Math.min(99, Math.floor(share * 100));
    if (percent <= shown) return;
    shown = percent;
    setProgress(percent).catch(() => undefined);
  };
  let timer = setTimeout(function tick() {
    show();
    timer = setTimeout(tick, UPDATE_EVERY_MS);
  }, SHOW_AFTER_MS);
  const reach = (next: number): void => {
    share = Math.max(share, next);
  };
  return {
    step(text, next) {
      reach(next);
      log(`${((performance.now() - started) / 1000).toFixed(1)} s  ${text}`);
    },
    reach,
    end: () => clearTimeout(timer),
  };
}

/** For jobs whose progress nobody watches. */
export const SILENT: Progress = { step: () => undefined, reach: () => undefined, end: () => undefined };
