import { windowHours } from "../core/limit_use.ts";
import type { LimitSeries, Point } from "./limit_history.ts";

/**
 * When a limit will be reached, if that is before it begins anew. Pure.
 *
 * Two days of the past are let happen again: the last 24 hours, and the last 7 days hour by hour, so that nights and weekends
 * count as what they are. Only where both reach the limit is anything said. A climb that has just begun is in no week yet; it
 * counts by itself once it has gone on without a break for longer than any working day. In both, the busiest hours count no more
 * than the next ones, so that a burst is not taken for what comes. What was not measured is not guessed: with less than a day of
 * figures nothing is said.
 */

export interface Forecast {
  /** `likely`: the last 24 hours and the last 7 days say the same; `possible`: only what has been going on lately says it. */
  sure: "likely" | "possible";
  /** When it is reached at the pace of the last 24 hours, and at that of the last 7 days (ISO 8601); null where that does not reach it. */
  at_pace_of: { h24: string | null; d7: string | null };
  /** The earliest of them. */
  reached_at: string;
  /** When it would begin anew (ISO 8601); null for a limit over the last hours or days, which never does. */
  reset_at: string | null;
  used: number;
  max: number;
  /** What will be used by the end of its window at the same pace: what to ask for. */
  needs: number;
}

const HOUR_MIN = 60;
const MINUTE_MS = 60_000;
const DAY = 24;
const WEEK = 168;

/** Hours of figures without which nothing is said: of the last 24, and of the last 168. */
const KNOWN = { h24: 18, d7: 48 } as const;
/** The busiest hours of a day and of a week that count as much as the next one: what is over after that is a burst. */
const BURST = { h24: 3, d7: 8 } as const;
/** Hours without a break after which a climb counts by itself: longer than a working day. */
const CLIMB = 16;
/** How much less a forecast that stands needs to go on standing, so that it does not come and go. */
const STANDING = 1.2;
/** Hours between two figures beyond which nobody knows when between them it was used. */
const GAP = 6;
/** Windows under a day are over before a forecast is of use. */
const SHORTEST = 24;

/**
 * @param now milliseconds since 1970.
 * @param standing whether the limit was foreseen to be reached at the last tick.
 * @returns null when it will not be reached, is reached already, or nobody can know.
 */
export function forecastOf(series: LimitSeries, now: number, standing = false): Forecast | null {
  const { points, max, window } = series;
  const last = points.at(-1);
  const length = windowHours(window);
  if (!last || length === null || length < SHORTEST) return null;
  const at = Math.round(now / MINUTE_MS);
  const [seen, used, reset] = last;
  if (used >= max || at - seen > 2 * HOUR_MIN || seen > at + HOUR_MIN) return null;
  const moving = isMoving(points);
  // Windows that neither stand still nor move along cannot be foreseen.
  if (reset === -1 || moving === null) return null;
  if (!moving && reset <= at) return null;
  const hourly = usedPerHour(points, seen, moving ? length : null);
  const rolls = moving ? { length, hourly } : null;
  const hours = moving ? Math.min(length, WEEK) : (reset - at) / HOUR_MIN;
  const patterns = { h24: dayOf(hourly), d7: weekOf(hourly), climb: climbOf(hourly) };
  const grown = (pattern: Pattern, weight = 1): number[] => growth(pattern ?? [0], weight, hours, rolls);
  const reach = (pattern: Pattern): number | null => {
    const away = hoursUntil(max - used, grown(pattern));
    return away === null && standing ? hoursUntil(max - used, grown(pattern, STANDING)) : away;
  };
  const [h24, d7, climb] = [reach(patterns.h24), reach(patterns.d7), reach(patterns.climb)];
  const sure = h24 !== null && d7 !== null ? "likely" : climb !== null ? "possible" : null;
  if (sure === null) return null;
  const time = (away: number | null): string | null =>
    away === null ? null : new Date((at + away * HOUR_MIN) * MINUTE_MS).toISOString();
  const [lately, pace] = sure === "likely" ? [h24, patterns.h24] : [climb, patterns.climb];
  return {
    sure,
    at_pace_of: { h24: time(lately), d7: time(d7) },
    reached_at: time(Math.min(lately ?? Number.POSITIVE_INFINITY, d7 ?? Number.POSITIVE_INFINITY)) as string,
    reset_at: moving ? null : new Date(reset * MINUTE_MS).toISOString(),
    used,
    max,
    needs: Math.round(used + Math.max(0, ...grown(pace), ...(sure === "likely" ? grown(patterns.d7) : []))),
  };
}

/** What is used in each of the next hours, over and over; null when that is not known. */
type Pattern = readonly number[] | null;

/** Whether the time at which it begins anew moves along with the clock; null when it does so now and then. */
function isMoving(points: readonly Point[]): boolean | null {
  const recent = points.slice(-13);
  const kinds = recent.slice(1).map((point, index) => movesAlong(recent[index] as Point, point));
  const moved = kinds.filter(Boolean).length;
  if (kinds.length === 0 || moved === 0) return false;
  if (moved >= kinds.length - 1) return true;
  // One or two of many: the window began anew a little later than it was said to.
  return moved <= 2 && kinds.length >= 8 ? false : null;
}

function movesAlong([before, , then]: Point, [after, , now]: Point): boolean {
  const passed = after - before;
  const moved = now - then;
  return moved > 0 && Math.abs(moved - passed) <= Math.max(2, passed / 10);
}

/** What was used in each hour before `end`, the latest first; null for an hour that too little is known of. */
type Hourly = readonly (number | null)[];

/**
 * @param length hours of a window that moves along: what leaves it hides what comes in; null for one that begins anew.
 */
function usedPerHour(points: readonly Point[], end: number, length: number | null): Hourly {
  const count = WEEK + DAY;
  const sums: number[] = new Array(count).fill(0);
  const known: number[] = new Array(count).fill(0);
  for (const [index, after] of points.slice(1).entries()) {
    const before = points[index] as Point;
    const [from, to] = [before[0], after[0]];
    if (to - from > GAP * HOUR_MIN || to <= from) continue;
    const amount = usedBetween(before, after, length !== null);
    for (let hour = Math.floor((end - to) / HOUR_MIN); hour * HOUR_MIN < end - from && hour < count; hour++) {
      if (hour < 0) continue;
      const overlap = Math.min(to, end - hour * HOUR_MIN) - Math.max(from, end - (hour + 1) * HOUR_MIN);
      if (overlap <= 0) continue;
      sums[hour] = (sums[hour] ?? 0) + (amount * overlap) / (to - from);
      known[hour] = (known[hour] ?? 0) + overlap;
    }
  }
  const net = sums.map((sum, hour) => {
    const share = (known[hour] ?? 0) / HOUR_MIN;
    return share >= 0.5 ? sum / share : null;
  });
  if (length === null) return net.map((one) => one && Math.max(0, one));
  // From the oldest hour on: what came in is what the sum grew by and what left it.
  const gross: (number | null)[] = [...net];
  for (let hour = count - 1; hour >= 0; hour--) {
    const one = net[hour] ?? null;
    gross[hour] = one === null ? null : Math.max(0, one + (gross[hour + Math.round(length)] ?? 0));
  }
  return gross;
}

/** What was used from one figure to the next; a window that has begun anew shows what was used since. */
function usedBetween(before: Point, after: Point, moving: boolean): number {
  const grown = after[1] - before[1];
  if (moving) return grown;
  return grown < 0 && after[2] > before[2] ? after[1] : Math.max(0, grown);
}

const isKnown = (one: number | null): one is number => one !== null;

/** The last 24 hours as they may come again, the next one first; null when too little is known of them. */
function dayOf(hourly: Hourly): number[] | null {
  const day = hourly.slice(0, DAY);
  return day.filter(isKnown).length < KNOWN.h24 ? null : again(day, BURST.h24);
}

/** The last 7 days as they may come again, the next hour first; null when too little is known of them. */
function weekOf(hourly: Hourly): number[] | null {
  const week = hourly.slice(0, WEEK);
  return week.filter(isKnown).length < KNOWN.d7 ? null : again(week, BURST.d7);
}

/** The last hours of a climb; null where there is none. */
function climbOf(hourly: Hourly): number[] | null {
  const climb = hourly.slice(0, CLIMB).filter(isKnown);
  if (climb.length < CLIMB - 2) return null;
  const mean = climb.reduce((sum, one) => sum + one, 0) / climb.length;
  // Steady: no hour was quiet, and none was a burst.
  const steady = climb.every((one) => one > mean / 3 && one < mean * 3);
  return steady ? [mean] : null;
}

/** Hours as they may come again: from the oldest on, without the height of bursts; what is not known is as the rest. */
function again(hours: Hourly, burst: number): number[] {
  const sorted = hours.filter(isKnown).sort((a, b) => b - a);
  const highest = sorted[Math.min(burst, sorted.length - 1)] ?? 0;
  const mean = sorted.reduce((sum, one) => sum + Math.min(one, highest), 0) / Math.max(1, sorted.length);
  return hours.map((one) => (one === null ? mean : Math.min(one, highest))).reverse();
}

/**
 * How much more is used after each of the next hours than now.
 *
 * @param within hours that are looked ahead; the last one may be a part of one.
 * @param rolls for a window that moves along: what was used comes out of it again.
 */
function growth(
  pattern: readonly number[],
  weight: number,
  within: number,
  rolls: { length: number; hourly: Hourly } | null,
): number[] {
  let sum = 0;
  return Array.from({ length: Math.ceil(within) }, (_, hour) => {
    const leaving = rolls ? (rolls.hourly[Math.round(rolls.length) - 1 - hour] ?? 0) : 0;
    sum += ((pattern[hour % pattern.length] ?? 0) * weight - leaving) * Math.min(1, within - hour);
    return sum;
  });
}

/** Hours until so much more is used; null when it never is. */
function hoursUntil(left: number, grown: readonly number[]): number | null {
  const hour = grown.findIndex((one) => one >= left);
  if (hour < 0) return null;
  const [before, after] = [grown[hour - 1] ?? 0, grown[hour] ?? left];
  return hour + (after > before ? Math.max(0, left - before) / (after - before) : 0);
}
