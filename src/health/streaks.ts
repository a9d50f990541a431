import type { Status } from "../core/shapes.ts";
import type { Reason } from "./open.ts";
import type { HealthState, Run, Streaks } from "./state.ts";

/**
 * When a status is sure. It counts ticks that were at least so bad, or at most so bad, in a row: getting surely worse and getting
 * surely better are seen whatever the causes do. Pure.
 */

/** How sure a change must be. */
export interface Thresholds {
  /** Bad ticks in a row before the status changes; causes that never heal by themselves count at once. */
  failures_before_alert: number;
  /** Good ticks in a row before an incident is over. */
  successes_before_recovery: number;
}

/** `status/code`: what makes a cause another one. */
export const keyOf = ({ status, code }: Pick<Reason, "status" | "code">): string => `${status}/${code}`;

const longer = (run: Run | null, at: string): Run => ({ count: (run?.count ?? 0) + 1, since: run?.since ?? at });

/** The streaks with one more tick in them. */
export function takeStreaks(before: Streaks, reason: Reason, at: string): Streaks {
  const { status } = reason;
  if (status === "unknown") return { ...before, blind: longer(before.blind, at), seen: null };
  const key = keyOf(reason);
  const same = before.cause?.key === key ? before.cause : null;
  return {
    well: status === "healthy" ? longer(before.well, at) : null,
    served: status === "down" ? null : longer(before.served, at),
    ill: status === "healthy" ? null : longer(before.ill, at),
    down: status === "down" ? longer(before.down, at) : null,
    blind: null,
    seen: longer(before.seen, at),
    cause: status === "healthy" ? null : { key, ...longer(same, at) },
  };
}

/** A status that is sure now, and since when it is so. */
export interface Sure {
  status: Status;
  since: string;
}

/**
 * The status that the present tick makes sure in place of the one that people go by; null when none is. It is always the one that
 * this tick measured: a worse one after `failures_before_alert` ticks that were at least so bad, a better one after
 * `successes_before_recovery` that were at most so bad and for as long as {@link calmMs} says.
 *
 * @param from the status that people go by.
 * @param decisive whether this tick needs no other beside it, as after a change that somebody made.
 */
export function surely(
  from: Status,
  { status, lasting }: Reason,
  { streaks, turns }: Pick<HealthState, "streaks" | "turns">,
  { at, decisive }: { at: string; decisive: boolean },
  rules: Thresholds,
): Sure | null {
  if (status === from) return null;
  const calm = calmMs(turns, at);
  const held = ({ since }: Run): boolean => Date.parse(at) - Date.parse(since) >= calm;
  const bad = (run: Run | null): boolean =>
    run !== null && (lasting || decisive || run.count >= rules.failures_before_alert);
  const good = (run: Run | null): boolean =>
    run !== null && (decisive || (run.count >= rules.successes_before_recovery && held(run)));
  const as = (run: Run | null): Sure => ({ status, since: run?.since ?? at });
  const { well, served, ill, down, blind, seen } = streaks;
  if (status === "healthy") return good(well) ? as(well) : null;
  if (status === "unknown") return bad(blind) && blind && (from === "healthy" || held(blind)) ? as(blind) : null;
  // Who was blind for long and sees a mix now knows that it is not well.
  const long = rules.failures_before_alert + rules.successes_before_recovery;
  const mixed = from === "unknown" && seen !== null && seen.count >= long;
  if (status === "down") return bad(down) || mixed ? as(bad(down) ? down : seen) : null;
  if (from === "down") return good(served) ? as(served) : null;
  return bad(ill) || mixed ? as(bad(ill) ? ill : seen) : null;
}

/** Turns for the better in 24 h up to which none needs extra time, and how that time grows after that. */
const FLAPPING = { window_ms: 86_400_000, free: 2, first_ms: 900_000, longest_ms: 14_400_000 } as const;

/**
 * Milliseconds for which a better status must hold before it counts: none as a rule. A connection that comes and goes has to hold
 * for 15 min, then 30, and so on up to 4 h, so that it makes one long incident instead of a storm of alerts.
 *
 * @param turns when the status turned for the better before.
 */
export function calmMs(turns: readonly string[], at: string): number {
  const recent = turns.filter((turn) => Math.abs(Date.parse(at) - Date.parse(turn)) < FLAPPING.window_ms);
  const excess = recent.length - FLAPPING.free;
  return excess < 0 ? 0 : Math.min(FLAPPING.longest_ms, FLAPPING.first_ms * 2 ** excess);
}
