import type { Status } from "../core/shapes.ts";
import { decodeMs, type History, STATUSES } from "./history.ts";
import { type Seconds, type Span, secondsIn, secondsOf, spansOf } from "./spans.ts";

/** What the history says, for reports and for the dashboard. Pure: `now` is in milliseconds since 1970. */

/** The ranges that people look at, and the cells that a timeline of each has. */
export const RANGES = {
  h24: { hours: 24, cell_s: 1800 },
  d7: { hours: 168, cell_s: 3 * 3600 },
  d30: { hours: 720, cell_s: 12 * 3600 },
} as const;
export type Range = keyof typeof RANGES;

const HOUR_MS = 3_600_000;

/** How much of a range people were served. Time counts, not ticks: see spans.ts. */
export interface Uptime {
  /** Served (healthy or degraded) of the time that could be measured, 0 to 100; null when none could. */
  percent: number | null;
  /** Hours that could be measured, rounded, as are the others. */
  measured_hours: number;
  /** Hours in which nothing could be measured (`unknown`); they do not count. */
  unknown_hours: number;
  /** Hours for which no tick speaks; they do not count. */
  silent_hours: number;
}

/** The hours of a range, the current one included. */
const hoursOf = (history: History, now: number, range: Range) => {
  const last = Math.floor(now / HOUR_MS);
  return history.hours.filter(({ h }) => h <= last && h > last - RANGES[range].hours);
};

/** What the latest tick says of the time since then. */
const latest = ({ ticks }: History, now: number): Span[] => spansOf(ticks.slice(-1), now);

const added = (rows: readonly Seconds[]): Seconds =>
  rows.reduce<Seconds>((sum, row) => sum.map((value, place) => value + (row[place] ?? 0)) as Seconds, [0, 0, 0, 0]);

/** Uptime over a range of whole hours, the current one included. */
export function uptime(history: History, now: number, range: Range): Uptime {
  const from = (Math.floor(now / HOUR_MS) - RANGES[range].hours + 1) * HOUR_MS;
  const all = added([...hoursOf(history, now, range).map(secondsOf), secondsIn(latest(history, now), from, now)]);
  const [healthy, degraded, down, unknown] = all;
  const measured = healthy + degraded + down;
  const silent = Math.max(0, (now - from) / 1000 - measured - unknown);
  const inHours = (seconds: number): number => Math.round(seconds / 3600);
  return {
    percent: measured === 0 ? null : Math.floor(((healthy + degraded) / measured) * 10_000) / 100,
    measured_hours: inHours(measured),
    unknown_hours: inHours(unknown),
    silent_hours: inHours(silent),
  };
}

/** Percentiles of answer times in ms, exact to 6 %. */
export interface Percentiles {
  p50: number;
  p95: number;
  /** Answers. */
  count: number;
}

/** By nearest rank; null without a value. */
export function percentiles(values: readonly number[]): Percentiles | null {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return sorted.length === 0 ? null : { p50: at(0.5), p95: at(0.95), count: sorted.length };
}

/** Answer times by the place of their model in the list, of the hours that `within` takes. */
function answers(history: History, within: (hour: number) => boolean): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { h, l } of history.hours) {
    if (l === undefined || !within(h)) continue;
    for (const [place, signs] of Object.entries(l)) {
      const times = found.get(place) ?? [];
      for (const sign of signs) {
        const ms = decodeMs(sign);
        if (ms !== null) times.push(ms);
      }
      found.set(place, times);
    }
  }
  return found;
}

/** Answer times over the server route per model; models without an answer in the range are left out. */
export function latencies(history: History, now: number, range: Range): ({ model: string } & Percentiles)[] {
  const last = Math.floor(now / HOUR_MS);
  const found = answers(history, (hour) => hour <= last && hour > last - RANGES[range].hours);
  return history.models.flatMap((model, place) => {
    const times = percentiles(found.get(String(place)) ?? []);
    return times ? [{ model, ...times }] : [];
  });
}

/** Signs of a timeline's cells. */
export const CELL_SIGNS: Readonly<Record<Status, string>> = { healthy: "h", degraded: "g", down: "d", unknown: "u" };

/** A timeline: cells of equal length, the last one holds the present. */
export interface Timeline {
  /** ISO 8601; when the first cell begins. */
  from: string;
  /** Seconds per cell. */
  cell_s: number;
  /** One sign per cell: `h` healthy, `g` degraded, `d` down, `u` unknown, `.` no tick speaks for it. The worst status in it counts. */
  cells: string;
  /** Per cell, for how much of it each status held, in per cent, in the order of STATUSES; what is missing to 100 is not known. */
  parts: [number, number, number, number][];
}

/** The worst first: what nobody could measure says less than what was. */
const WORST: readonly Status[] = ["down", "degraded", "unknown", "healthy"];

const cellsOf = (now: number, range: Range): { first: number; size: number; count: number } => {
  const { hours, cell_s } = RANGES[range];
  const size = cell_s * 1000;
  const count = Math.round((hours * HOUR_MS) / size);
  return { first: (Math.floor(now / size) - count + 1) * size, size, count };
};

/** The statuses over a range: by the ticks where they are known one by one, before that by the hours. */
export function timeline(history: History, now: number, range: Range): Timeline {
  const { first, size, count } = cellsOf(now, range);
  // Longer ranges go by whole hours, so that what a month adds up to and what it shows are the same.
  const known = range === "h24" ? (history.ticks[0]?.[0] ?? now) : Number.POSITIVE_INFINITY;
  const spans = range === "h24" ? spansOf(history.ticks, now) : latest(history, now);
  const hours = history.hours.filter(({ h }) => (h + 1) * HOUR_MS > first);
  const inCell = (from: number, to: number): Seconds => {
    if (from >= known) return secondsIn(spans, from, to);
    const rows = hours.filter(({ h }) => h * HOUR_MS < to && (h + 1) * HOUR_MS > from);
    const share = ({ h }: { h: number }): number =>
      (Math.min(to, (h + 1) * HOUR_MS) - Math.max(from, h * HOUR_MS)) / HOUR_MS;
    const parts = rows.map((row) => secondsOf(row).map((seconds) => seconds * share(row)) as Seconds);
    return added([...parts, secondsIn(known === Number.POSITIVE_INFINITY ? spans : [], from, to)]);
  };
  const cells = Array.from({ length: count }, (_, index) => {
    const from = first + index * size;
    const to = Math.min(from + size, Math.max(now, from + 1));
    return { seconds: inCell(from, to), length_s: (to - from) / 1000 };
  });
  const sign = ({ seconds }: { seconds: Seconds }): string => {
    const worst = WORST.find((status) => (seconds[STATUSES.indexOf(status)] ?? 0) > 0);
    return worst === undefined ? "." : CELL_SIGNS[worst];
  };
  return {
    from: new Date(first).toISOString(),
    cell_s: size / 1000,
    cells: cells.map(sign).join(""),
    parts: cells.map(({ seconds, length_s }) => shares(seconds, length_s)),
  };
}

/** Seconds as whole per cent; what was at all is one at least. */
const shares = (seconds: Seconds, length_s: number): Seconds =>
  seconds.map((one) => (one > 0 ? Math.min(100, Math.max(1, Math.round((one / length_s) * 100))) : 0)) as Seconds;

/** Answer times per cell of a range, of one model or of all (null); null for a cell without an answer. Cells are at least an hour. */
export function latencyTimeline(
  history: History,
  model: string | null,
  now: number,
  range: Range,
): { from: string; cell_s: number; cells: (Percentiles | null)[] } {
  const size = Math.max(1, RANGES[range].cell_s / 3600);
  const count = RANGES[range].hours / size;
  const first = (Math.floor(now / HOUR_MS / size) - count + 1) * size;
  const place = model === null ? null : String(history.models.indexOf(model));
  const cells: number[][] = Array.from({ length: count }, () => []);
  for (const hour of history.hours) {
    const cell = cells[Math.floor((hour.h - first) / size)];
    if (cell === undefined) continue;
    const found = answers({ ...history, hours: [hour] }, () => true);
    for (const [key, times] of found) if (place === null || key === place) cell.push(...times);
  }
  return { from: new Date(first * HOUR_MS).toISOString(), cell_s: size * 3600, cells: cells.map(percentiles) };
}

/** Tokens per day of UTC, oldest first, for the days that have hours in the history. */
export function tokensPerDay(history: History, now: number): { day: string; tokens: number }[] {
  const days = new Map<string, number>();
  for (const { h, t } of hoursOf(history, now, "d30")) {
    const day = new Date(h * HOUR_MS).toISOString().slice(0, 10);
    days.set(day, (days.get(day) ?? 0) + t);
  }
  return [...days].map(([day, tokens]) => ({ day, tokens })).sort((a, b) => (a.day < b.day ? -1 : 1));
}
