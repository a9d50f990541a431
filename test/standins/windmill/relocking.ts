import type { LockfileVersion } from "./jobs/bun_lock.ts";

/** How an instance re-locks. Tests change it at any time. */
export interface Relocking {
  /**
   * Whether a job for an item that waits already takes its place. Windmill's image does this (`maybe_debounce` of its private
   * crates), a server built from the public source does not.
   */
  merge: boolean;
  /** How many dependency jobs run at a time. */
  workers: number;
  /** Milliseconds of the stand-in's clock that a dependency job takes. */
  jobMs: number;
  /**
   * How many jobs the instance makes for importers at most: a graph of a few hundred modules makes hundreds of thousands. What
   * is left out is said on standard error and counted as `notMade`.
   */
  most: number;
  /** What the worker's bun writes: 1 is bun 1.3, 2 is bun 1.4. */
  lockfileVersion: LockfileVersion;
}

/** An instance built from the public source whose workers take no time. */
export const RELOCKING: Readonly<Relocking> = { merge: false, workers: 1, jobMs: 0, most: 2_000, lockfileVersion: 1 };
