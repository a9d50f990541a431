import type { Status } from "../core/shapes.ts";
import { decodeMs, type History, STATUSES } from "./history.ts";

/** What the history says, for reports and for the dashboard. Pure: `now` is in milliseconds since 1970. */

/** The ranges that people look at, and the cells that a timeline of each has. */
export const RANGES = {
  h24: { hours: 24, cell_s: 1800, words: "24 h" },
  d7: { hours: 168, cell_s: 3 * 3600, words: "7 d" },
  d30: { hours: 720, cell_s: 12 * 3600, words: "30 d" },
} as const;
export type Range = keyof typeof RANGES;

const HOUR_MS = 3_600_000;

/** How much of a range people were served. */
export interface Uptime {
  /** Served (healthy or degraded) of what could be measured, 0 to 100; null when nothing was. Every hour weighs the same. */
  percent: number | null;
  /** Hours with at least one tick that measured something. */
  measured_hours: number;
  /** Hours in which every tick was blind (`unknown`); they do not count. */
  unknown_hours: number;
  /** Hours without a tick; they do not count. */
  silent_hours: number;
}

/** The hours of a range, the current one included. */
const hoursOf = (history: History, now: number, range: Range) => {
  const last = Math.floor(now / HOUR_MS);
  return history.hours.filter(({ h }) => h <= last && h > last - RANGES[range].hours);
};

/** Uptime over a range of whole hours, the current one included. */
export function uptime(history: History, now: number, range: Range): Uptime {
  const rows = hoursOf(history, now, range);
  const shares = rows.flatMap(({ n: [healthy, degraded, down] }) => {
    const measured = healthy + degraded + down;
    return measured === 0 ? [] : [(healthy + degraded) / measured];
  });
  const sum = shares.reduce((total, share) => total + share, 0);
  return {
    percent: shares.length === 0 ? null : Math.floor((sum / shares.length) * 10_000) / 100,
    measured_hours: shares.length,
    unknown_hours: rows.length - shares.length,
    silent_hours: RANGES[range].hours - rows.length,
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
  /** One sign per cell: `h` healthy, `g` degraded, `d` down, `u` unknown, `.` no tick. The worst status in the cell counts. */
  cells: string;
}

/** The worst first: what nobody could measure says less than what was. */
const WORST: readonly Status[] = ["down", "degraded", "unknown", "healthy"];

const cellsOf = (now: number, range: Range): { first: number; size: number; count: number } => {
  const { hours, cell_s } = RANGES[range];
  const size = cell_s * 1000;
  const count = Math.round((hours * HOUR_MS) / size);
  return { first: (Math.floor(now / size) - count + 1) * size, size, count };
};

const statusesOf = (counts: readonly number[]): Status[] => STATUSES.filter((_, index) => (counts[index] ?? 0) > 0);

/** The statuses over a range: the day by its ticks, longer ranges by their hours. */
export function timeline(history: History, now: number, range: Range): Timeline {
  const { first, size, count } = cellsOf(now, range);
  const seen: Set<Status>[] = Array.from({ length: count }, () => new Set());
  const see = (at: number, status: Status | undefined): void => {
    if (status !== undefined) seen[Math.floor((at - first) / size)]?.add(status);
  };
  if (range === "h24") for (const [at, status] of history.ticks) see(at, STATUSES[status]);
  else for (const { h, n } of history.hours) for (const status of statusesOf(n)) see(h * HOUR_MS, status);
  const sign = (cell: ReadonlySet<Status>): string => {
    const worst = WORST.find((status) => cell.has(status));
    return worst === undefined ? "." : CELL_SIGNS[worst];
  };
  const cells = seen.map(sign).join("");
  // An hourly check speaks for the half hour after its own too.
  const filled = range === "h24" ? cells.replace(/([^.])\.(?!$)/g, "$1$1") : cells;
  return { from: new Date(first).toISOString(), cell_s: size / 1000, cells: filled };
}

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
