import * as z from "zod";
import { isSameLimit, LimitUse, windowHours } from "../core/limit_use.ts";

/** What was used of each limit in the last eight days, in bounded space: one figure per hour and limit. Pure. */

/** What is kept at most: 40 kB at worst. A week is what a forecast goes by; one day more keeps what leaves a window of seven. */
export const LIMIT_BOUNDS = { series: 8, hours: 192 } as const;

const HOUR_MIN = 60;
const MINUTE_MS = 60_000;

/** A figure: when (minutes since 1970), what was used, when counting begins anew (minutes since 1970; -1: not known). */
export const Point = z.tuple([z.number(), z.number(), z.number()]);
export type Point = z.infer<typeof Point>;

/** The figures of one limit, oldest first: the last one of each hour. */
export const LimitSeries = LimitUse.pick({ whose: true, type: true, window: true, max: true }).extend({
  points: z.array(Point),
  /** Whether it was foreseen to be reached when it was looked at last. */
  foreseen: z.boolean().optional(),
});
export type LimitSeries = z.infer<typeof LimitSeries>;

const minutes = (at: string): number => Math.round(Date.parse(at) / MINUTE_MS);

/**
 * The series with what a check saw in them. A limit over less than an hour is none to keep: it is over before anybody could ask
 * for more. What nothing was seen of for eight days goes.
 *
 * @param at ISO 8601; when it was seen.
 */
export function keepLimits(before: readonly LimitSeries[], seen: readonly LimitUse[], at: string): LimitSeries[] {
  const now = minutes(at);
  const isKept = ([time]: Point): boolean => Math.abs(now - time) <= LIMIT_BOUNDS.hours * HOUR_MIN;
  const known = before
    .map((one) => ({ ...one, points: one.points.filter(isKept) }))
    .filter((one) => one.points.length > 0);
  const fitting = seen.filter(({ window }) => (windowHours(window) ?? 1) >= 1);
  const grown = known.map((series) => {
    const use = fitting.find((one) => isSameLimit(one, series));
    return use ? { ...series, max: use.max, points: withPoint(series.points, pointOf(use, now)) } : series;
  });
  const fresh = fitting.filter((use) => !known.some((series) => isSameLimit(use, series)));
  return [...grown, ...fresh.map((use) => ({ ...headOf(use), points: [pointOf(use, now)] }))].slice(
    0,
    LIMIT_BOUNDS.series,
  );
}

const headOf = ({ whose, type, window, max }: LimitUse): Pick<LimitSeries, "whose" | "type" | "window" | "max"> => ({
  whose,
  type,
  window,
  max,
});

const pointOf = ({ used, reset_at }: LimitUse, now: number): Point => [
  now,
  Math.round(used * 100) / 100,
  reset_at === null ? -1 : minutes(reset_at),
];

const hourOf = ([time]: Point): number => Math.floor(time / HOUR_MIN);

/** One figure per hour: the later one. */
function withPoint(points: readonly Point[], point: Point): Point[] {
  const same = points.find((one) => hourOf(one) === hourOf(point));
  if (same && same[0] > point[0]) return [...points];
  const rest = points.filter((one) => one !== same);
  const place = rest.findLastIndex(([time]) => time <= point[0]) + 1;
  return [...rest.slice(0, place), point, ...rest.slice(place)].slice(-LIMIT_BOUNDS.hours);
}
