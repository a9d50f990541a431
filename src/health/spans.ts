import { BOUNDS, type History, type HourRow, type TickRow } from "./history.ts";

/**
 * How long each status was so. A tick is a moment; it speaks for the time around it: half of the way to the tick before and half of
 * the way to the next one, but for no more than {@link REACH_MS} on either side. Before the first tick nothing is known; the latest
 * one speaks until now, as long as it reaches. Pure.
 */

/** Milliseconds that a tick speaks for on either side at most: the time between hourly checks is known, a night without any is not. */
const REACH_MS = 45 * 60_000;

const HOUR_MS = 3_600_000;

/** A time that one status speaks for: from, to (milliseconds since 1970) and the place of the status in STATUSES. */
export type Span = readonly [from: number, to: number, status: number];

/**
 * The spans of ticks that stand in order.
 *
 * @param now until when the last one may speak; milliseconds since 1970.
 */
export function spansOf(ticks: readonly TickRow[], now: number): Span[] {
  return ticks.flatMap(([at, status], index): Span[] => {
    const before = ticks[index - 1]?.[0];
    const after = ticks[index + 1]?.[0];
    const from = before === undefined ? at : Math.max((before + at) / 2, at - REACH_MS);
    const to =
      after === undefined ? Math.min(Math.max(now, at), at + REACH_MS) : Math.min((at + after) / 2, at + REACH_MS);
    return to > from ? [[from, to, status]] : [];
  });
}

/** Seconds per status, in the order of STATUSES. */
export type Seconds = [number, number, number, number];

/** What spans add up to between two times, in seconds. */
export function secondsIn(spans: readonly Span[], from: number, to: number): Seconds {
  const sum: Seconds = [0, 0, 0, 0];
  for (const [start, end, status] of spans) {
    const ms = Math.min(end, to) - Math.max(start, from);
    if (ms > 0) sum[status] = (sum[status] ?? 0) + ms / 1000;
  }
  return sum;
}

/** Seconds per status of an hour; of one that an earlier version wrote, its ticks weigh the same. */
export function secondsOf({ s, n }: HourRow): Seconds {
  if (s !== undefined) return s;
  const ticks = n.reduce((sum, count) => sum + count, 0);
  return n.map((count) => (ticks === 0 ? 0 : (count / ticks) * 3600)) as Seconds;
}

/**
 * The hours with their seconds reckoned anew from the ticks that are known one by one. The time after the last one is the next tick's
 * business. Where earlier ticks are no longer known, the hour in which the known ones begin keeps what it has.
 *
 * @param from milliseconds since 1970; hours that are over by then stay as they are.
 */
export function withSeconds(history: History, from = Number.NEGATIVE_INFINITY): History {
  const first = history.ticks[0]?.[0] ?? 0;
  const last = history.ticks.at(-1)?.[0] ?? 0;
  const isWhole = history.ticks.length < BOUNDS.ticks;
  const spans = spansOf(history.ticks, last);
  const touched = new Set(history.ticks.map(([at]) => Math.floor(at / HOUR_MS)));
  for (const [start, end] of spans) {
    for (let h = Math.floor(start / HOUR_MS); h * HOUR_MS < end; h++) touched.add(h);
  }
  const rows = new Map(history.hours.map((hour) => [hour.h, hour]));
  for (const h of touched) {
    if ((h + 1) * HOUR_MS <= from || !(isWhole || h * HOUR_MS > first)) continue;
    const s = secondsIn(spans, h * HOUR_MS, (h + 1) * HOUR_MS).map(Math.round) as Seconds;
    rows.set(h, { ...(rows.get(h) ?? { h, n: [0, 0, 0, 0], t: 0 }), s });
  }
  return { ...history, hours: [...rows.values()].sort((a, b) => a.h - b.h).slice(-BOUNDS.hours) };
}
