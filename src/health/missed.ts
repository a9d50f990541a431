import { intervalOf } from "../core/next_check.ts";
import { WATCH_FAILED } from "../tell/alert.ts";
import { pastRuns } from "../windmill/jobs.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { HealthState, Incident } from "./state.ts";
import { LIMITS } from "./state.ts";
import { incidentId, type Tick } from "./tick.ts";
import { REMEMBER_STEP } from "./watch_failed.ts";

/** A time in which runs could not be remembered, as the next run that can be finds it out. */

/** Milliseconds between two ticks beyond which it is asked what happened, where the schedule does not say how often they come. */
const LONG_MS = 3_600_000;

/** What was missed since the last tick: from the first to the last of the runs that failed; null when it was nothing to speak of. */
export interface Missed {
  /** ISO 8601. */
  from: string;
  count: number;
}

/** @param least runs that have to have failed before people were told. */
export async function missedSince(
  windmill: Windmill,
  state: HealthState | null,
  tick: Tick,
  least: number,
): Promise<Missed | null> {
  const last = state?.last?.at;
  if (last === undefined) return null;
  const now = Date.parse(tick.at);
  if (now - Date.parse(last) < 1.5 * (intervalOf(tick.connection?.schedule ?? null, now) ?? LONG_MS)) return null;
  // Who cannot ask goes without: what was missed is no reason to miss this tick.
  const failed = await pastRuns(windmill, REMEMBER_STEP, { after: last, succeeded: false }).catch(() => []);
  const first = failed.at(-1);
  return first && failed.length >= least ? { from: new Date(first.at).toISOString(), count: failed.length } : null;
}

/** The memory with the time in it that was missed: an incident of the watch, of which people were told while it lasted. */
export function withMissed(state: HealthState, { from, count }: Missed, at: string): HealthState {
  const cause = { status: "unknown", code: WATCH_FAILED, title: `${count} checks could not be remembered` } as const;
  const incident: Incident = {
    ...{ id: incidentId(from), start: from, opened: from, end: at, before: state.status, worst: "unknown", cause },
    current: { ...cause, since: from },
    findings: [],
    told: { at: from, opening: true, recovery: false, status: "unknown", causes: [], count: 1 },
  };
  return { ...state, incidents: [incident, ...state.incidents].slice(0, LIMITS.incidents) };
}
