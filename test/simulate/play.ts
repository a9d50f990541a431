import type { History } from "./history.ts";
import { type Invariant, Simulation, type Stats, type Violation } from "./simulation.ts";
import { Time, takeOver } from "./time.ts";

/** How a history went. */
export interface Played {
  violations: Violation[];
  stats: Stats | null;
  coverage: [what: string, times: number][];
  log: string[];
}

/** Plays one history. One at a time per process: it takes the process's time over. */
export async function play(history: History, invariants: readonly Invariant[], stopAtFirst = false): Promise<Played> {
  const time = new Time(`${history.seed}`);
  const restore = takeOver(time);
  try {
    const simulation = new Simulation(history, time, invariants);
    await simulation.play(stopAtFirst);
    const { violations, stats, coverage, log } = simulation;
    return { violations, stats, coverage: [...coverage], log };
  } finally {
    restore();
  }
}
