import { Cron } from "croner";
import type { HealthState, Maintenance } from "./state.ts";

/**
 * When a maintenance that comes again comes: cron expressions in time zones, with their changes of the clock. croner reckons them, as in
 * Windmill's own schedules. Pure.
 */

/** An occurrence, ISO 8601. */
export interface Occurrence {
  from: string;
  until: string;
}

/**
 * The occurrence that a time lies in, else the next one; null when there is none any more.
 *
 * @throws Error for an expression or a time zone that is none
 */
export function occurrenceAt(
  { cron, timezone, minutes }: NonNullable<Maintenance["again"]>,
  at: string,
): Occurrence | null {
  const schedule = new Cron(cron, { timezone });
  const now = new Date(at);
  const lasting = (start: Date): Occurrence => ({
    from: start.toISOString(),
    until: new Date(start.getTime() + minutes * 60_000).toISOString(),
  });
  // The occurrence that begins at this very second is one that has begun.
  const [before] = schedule.previousRuns(1, new Date(now.getTime() + 1_000));
  if (before !== undefined && lasting(before).until > at && before <= now) return lasting(before);
  const next = schedule.nextRun(now);
  return next === null ? null : lasting(next);
}

/** Minutes from one occurrence to the next, at the least over the next ten; null when there are not two. @throws Error as above */
export function shortestInterval(cron: string, timezone: string, at: string): number | null {
  const runs = new Cron(cron, { timezone }).nextRuns(11, new Date(at));
  const gaps = runs.slice(1).map((run, index) => (run.getTime() - (runs[index]?.getTime() ?? 0)) / 60_000);
  return gaps.length === 0 ? null : Math.min(...gaps);
}

/** The memory with the windows as they are at a time: what is over is gone or waits for its next occurrence. */
export function rolled(state: HealthState, at: string): HealthState {
  const over = state.maintenance.filter(({ until }) => until <= at);
  if (over.length === 0) return state;
  const ends = over.map(({ until }) => until).sort();
  const windows = state.maintenance.flatMap((one) => {
    if (one.until > at) return [one];
    const next = one.again === null ? null : nextOf(one.again, at);
    return next === null ? [] : [{ ...one, ...next }];
  });
  return {
    ...state,
    maintenance: windows.sort((a, b) => (a.from < b.from ? -1 : 1)),
    maintained: [state.maintained ?? "", ends.at(-1) ?? ""].sort().at(-1) || null,
  };
}

/** Null also for what cannot be reckoned any more, e.g. a time zone that a newer worker does not know. */
function nextOf(again: NonNullable<Maintenance["again"]>, at: string): Occurrence | null {
  try {
    return occurrenceAt(again, at);
  } catch {
    return null;
  }
}
