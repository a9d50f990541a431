import * as z from "zod@4.6.7";
import { Status } from "./shapes.ts";

/** What the health flow remembers from tick to tick: enough to say since when, and to alert once per change. Pure. */

const VERSION = 1;

const HealthState = z.object({
  version: z.literal(VERSION),
  status: Status,
  /** ISO 8601; when `status` began. */
  since: z.string(),
  /** The status that people were last told; null before the first alert. */
  announced: Status.nullable(),
  /** ISO 8601; the last tick. */
  checked_at: z.string(),
});
export type HealthState = z.infer<typeof HealthState>;

/** Reads a stored state. One that is damaged, or from another version, counts as absent: the next tick writes a new one. */
export function readHealthState(stored: unknown): HealthState | null {
  const parsed = HealthState.safeParse(stored);
  return parsed.success ? parsed.data : null;
}

/** How a tick changed what was known. */
export interface Transition {
  from: Status | null;
  to: Status;
  /** ISO 8601; when `to` began. */
  since: string;
  /** Whether people should be told: the status is not the one that they were last told. */
  announce: boolean;
}

/**
 * Takes a tick's status into the state. The first status ever is announced only when it is not healthy: nobody waits to hear
 * that what was just set up works. An announcement that failed stays due, because `announced` is set by {@link announced}
 * only.
 */
export function takeTick(
  state: HealthState | null,
  tick: { status: Status; at: string },
): { state: HealthState; transition: Transition } {
  const same = state?.status === tick.status;
  const since = same && state ? state.since : tick.at;
  const known = state ? state.announced : tick.status === "healthy" ? "healthy" : null;
  return {
    state: { version: VERSION, status: tick.status, since, announced: known, checked_at: tick.at },
    transition: { from: state?.status ?? null, to: tick.status, since, announce: known !== tick.status },
  };
}

/** The state after people were told its status, or when there is nobody to tell. */
export const announced = (state: HealthState): HealthState => ({ ...state, announced: state.status });
